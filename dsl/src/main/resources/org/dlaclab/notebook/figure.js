// Puts the interactive chart in the place of its picture. The library may come later than the chart, or never.
(() => {
  const figure = $FIGURE;
  const themed = $THEMED;
  const grid = "rgba(128,128,128,0.25)";
  const axis = { gridcolor: grid, zerolinecolor: "rgba(128,128,128,0.6)", linecolor: grid, automargin: true };

  const ramp = [{ colorscale: "Viridis" }];
  const ramps = { heatmap: ramp, contour: ramp, histogram2d: ramp, histogram2dcontour: ramp };

  // The ground that text of a colour can be read on.
  const ground = ink => {
    const [r, g, b] = (ink.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
    return 0.3 * r + 0.6 * g + 0.1 * b > 128 ? "#222831" : "#ffffff";
  };

  // What the figure says itself wins over this.
  const dress = (chart, ink) => {
    chart.config.displaylogo = false;
    chart.layout.template = { data: ramps, layout: {
      font: { color: ink, family: "system-ui, sans-serif" },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", colorway: $COLORS,
      hoverlabel: { bgcolor: ground(ink), bordercolor: grid, font: { color: ink } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "#7a828c", activecolor: ink }, xaxis: axis, yaxis: axis,
    } };
    if (themed) {
      chart.layout.font.color = ink;
      chart.data.forEach(trace => { if (trace.error_y) trace.error_y.color = ink; });
      (chart.layout.shapes || []).forEach(shape => { shape.line.color = ink; });
    }
  };

  const draw = (place, plotly) => {
    place.dataset.drawn = "yes";
    const picture = [...place.childNodes];
    const chart = JSON.parse(JSON.stringify(figure));
    const ink = () => getComputedStyle(place).color;
    let shown = ink();
    dress(chart, shown);
    place.replaceChildren();
    // A change of width makes plotly forget the height that the figure asks for; the place remembers it.
    if (figure.layout.height) place.style.height = figure.layout.height + "px";
    plotly.newPlot(place, chart.data, chart.layout, chart.config).then(() => {
      const dark = matchMedia("(prefers-color-scheme: dark)");
      const recolour = () => {
        if (!place.isConnected) {
          themes.disconnect();
          sizes.disconnect();
          dark.removeEventListener("change", recolour);
        } else if (ink() !== shown) {
          shown = ink();
          dress(chart, shown);
          plotly.react(place, chart.data, chart.layout, chart.config);
        }
      };
      const themes = new MutationObserver(() => requestAnimationFrame(recolour));
      for (const node of [document.documentElement, document.body]) {
        themes.observe(node, { attributes: true });
      }
      dark.addEventListener("change", recolour);
      const sizes = new ResizeObserver(() => { if (place.offsetWidth > 0) plotly.Plots.resize(place); });
      sizes.observe(place);
    }).catch(error => {
      console.error("DLAC Lab: plotly cannot draw this figure", error);
      place.style.height = "";
      place.replaceChildren(...picture);
    });
  };

  let wait = 20;
  const start = () => {
    const places = document.querySelectorAll("[data-dlac-figure='$ID']:not([data-drawn])");
    if (window.dlacPlotly && places.length > 0) {
      places.forEach(place => draw(place, window.dlacPlotly));
    } else if (wait < 5000) {
      setTimeout(start, wait);
      wait *= 1.3;
    }
  };
  start();
})();
