// The main job: a ternary ResNet-20 with its real weights, on real images, on a DLAC grid. Run it with: ./dlac demo
var resnet = trained("resnet20");
System.out.println(resnet);
System.out.println();

var dlac = grid("dlac", pes(4, 8), lanes(1), tile(4, 16), window(8), clock(MHz(500)));
var run = simulate(resnet, dlac);
System.out.println(run);
System.out.println();
System.out.println(run.speedup());
System.out.println();
System.out.println(run.breakdown());
System.out.println();

var folder = Files.createDirectories(Path.of("dlac-demo"));
System.out.println("Charts, table and stamp on one page: " + run.report(folder + "/report.html"));
System.out.println("The chart alone:                     " + run.speedup().save(folder + "/speedup.png"));
