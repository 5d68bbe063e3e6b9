// plotly.js under a name of its own, whatever else the page has: another plotly stays as it is, and the classic
// Notebook's module loader (define) does not take it away.
(() => {
  if (window.dlacPlotly) return;
  const other = window.Plotly;
  (function (define, module, exports) {
$SOURCE
  }).call(window);
  window.dlacPlotly = window.Plotly;
  if (other) window.Plotly = other; else delete window.Plotly;
})();
