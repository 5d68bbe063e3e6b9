// What does it pay to skip? Weights only, activations only, or both, on three networks with published densities.
var dlac = grid("dlac", pes(16, 32), lanes(1), tile(4, 16), window(8), clock(MHz(500)));
var twn = policy("twn", weights(ternary()), except(first(), fullPrecision()));
for (var name : List.of("alexnet", "vgg16", "googlenet")) {
    var run = simulate(zoo(name), twn, dlac, synthetic(42, published(name)));
    System.out.printf("%-10s skip weights %.2fx, activations %.2fx, both %.2fx%n", name,
        run.totalSpeedup(WEIGHTS).mean(), run.totalSpeedup(ACTIVATIONS).mean(), run.totalSpeedup(BOTH).mean());
}
