// Plays a film in the place of its picture, which stays where no script runs.
(() => {
  const film = $FILM;
  const frames = film.frames;
  const cells = film.rows * film.columns;
  const total = frames.reduce((sum, frame) => sum + frame.length, 0);

  const make = (tag, style, text) => {
    const node = document.createElement(tag);
    node.style.cssText = style;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const share = (frame, state, cell) => {
    const spent = frame.spent[state];
    return film.digits.indexOf(spent[spent.length === 1 ? 0 : cell]) / (film.digits.length - 1);
  };
  const percent = value => (100 * value).toFixed(value > 0 && value < 0.1 ? 1 : 0) + " %";
  const parts = values => film.states.map((state, s) => [state, values[s]]).filter(part => part[1] > 0)
      .map(part => part[0] + " " + percent(part[1])).join(", ");

  // A canvas as sharp as the screen, in units of the page.
  const canvas = (width, height) => {
    const node = make("canvas", "display:block;max-width:100%;width:" + width + "px;height:auto");
    const scale = Math.max(1, window.devicePixelRatio || 1);
    node.width = Math.round(width * scale);
    node.height = Math.round(height * scale);
    const pen = node.getContext("2d");
    pen.scale(scale, scale);
    return [node, pen];
  };

  const play = place => {
    place.dataset.drawn = "yes";
    let at = film.shown;
    let timer = 0;

    const heading = make("p", "margin:0 0 4px", "");
    heading.append(make("b", "", film.title));
    const subtitle = make("p", "margin:0 0 6px;opacity:0.75;white-space:pre-line", film.subtitle);
    const legend = make("p", "margin:0 0 8px;display:flex;flex-wrap:wrap;gap:4px 18px");
    film.states.forEach((state, s) => {
      const entry = make("span", "display:inline-flex;align-items:center;gap:6px");
      entry.append(make("span", "width:11px;height:11px;background:" + film.colors[s]), make("span", "", state));
      legend.append(entry);
    });

    const width = 660;
    const height = 70;
    const [course, coursePen] = canvas(width, height);
    course.style.cursor = "pointer";
    course.setAttribute("aria-hidden", "true");
    const starts = [];
    frames.reduce((from, frame, f) => (starts[f] = from, from + frame.length), 0);
    const drawCourse = () => {
      coursePen.clearRect(0, 0, width, height);
      frames.forEach((frame, f) => {
        let below = height;
        frame.means.forEach((mean, s) => {
          coursePen.fillStyle = film.colors[s];
          coursePen.fillRect(width * starts[f] / total, below - height * mean, width * frame.length / total + 0.3,
              height * mean);
          below -= height * mean;
        });
      });
      coursePen.fillStyle = getComputedStyle(place).color;
      coursePen.fillRect(Math.min(width - 2, width * (starts[at] + frames[at].length / 2) / total - 1), 0, 2, height);
    };

    // JupyterLab takes keys for its own, unless the very element that has the focus says no.
    const ownKeys = node => node.setAttribute("data-lm-suppress-shortcuts", "true");
    const controls = make("div", "display:flex;align-items:center;gap:8px;margin:8px 0;max-width:" + width + "px");
    const button = (text, label, action) => {
      const node = make("button", "font:inherit;padding:2px 10px;cursor:pointer", text);
      node.type = "button";
      node.setAttribute("aria-label", label);
      ownKeys(node);
      node.addEventListener("click", action);
      return node;
    };
    const slider = make("input", "flex:1;min-width:80px;margin:0");
    slider.type = "range";
    slider.min = 0;
    slider.max = frames.length - 1;
    slider.setAttribute("aria-label", "time");
    ownKeys(slider);
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      toggle.textContent = "Play";
      toggle.setAttribute("aria-label", "play");
    };
    const show = frame => {
      at = Math.max(0, Math.min(frames.length - 1, frame));
      draw();
    };
    const toggle = button("Play", "play", () => {
      if (timer) return stop();
      if (at === frames.length - 1) show(0);
      toggle.textContent = "Pause";
      toggle.setAttribute("aria-label", "pause");
      timer = setInterval(() => {
        if (!place.isConnected || at === frames.length - 1) stop(); else show(at + 1);
      }, 120);
    });
    const step = by => () => { stop(); show(at + by); };
    controls.append(toggle, button("\u2190", "one frame back", step(-1)), slider,
        button("\u2192", "one frame on", step(1)));
    slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
    course.addEventListener("click", event => {
      const box = course.getBoundingClientRect();
      const time = (event.clientX - box.left) / box.width * total;
      stop();
      show(starts.findIndex((start, f) => time < start + frames[f].length));
    });

    const status = make("p", "margin:0 0 8px;min-height:2.6em;font-variant-numeric:tabular-nums");
    const size = Math.max(3, Math.min(40, width / film.columns));
    const gap = size > 8 ? 1 : 0;
    const [grid, gridPen] = canvas(size * film.columns, size * film.rows);
    grid.setAttribute("role", "img");
    const pointed = make("p", "margin:4px 0 0;min-height:1.5em;opacity:0.75;font-variant-numeric:tabular-nums");
    let over = -1;
    const drawPointed = () => {
      pointed.textContent = over < 0 ? "" : film.cell + " in row " + Math.floor(over / film.columns) + ", column "
          + over % film.columns + ": " + parts(film.states.map((state, s) => share(frames[at], s, over)));
    };
    const draw = () => {
      const frame = frames[at];
      gridPen.clearRect(0, 0, size * film.columns, size * film.rows);
      for (let cell = 0; cell < cells; cell++) {
        let below = size * (Math.floor(cell / film.columns) + 1) - gap;
        film.states.forEach((state, s) => {
          const high = (size - gap) * share(frame, s, cell);
          gridPen.fillStyle = film.colors[s];
          gridPen.fillRect(size * (cell % film.columns), below - high, size - gap, high);
          below -= high;
        });
      }
      drawCourse();
      slider.value = at;
      slider.setAttribute("aria-valuetext", frame.line);
      status.textContent = frame.line + ". All " + film.cell + "s: " + parts(frame.means);
      grid.setAttribute("aria-label", status.textContent);
      drawPointed();
    };
    grid.addEventListener("mousemove", event => {
      const box = grid.getBoundingClientRect();
      const x = Math.floor((event.clientX - box.left) / box.width * film.columns);
      const y = Math.floor((event.clientY - box.top) / box.height * film.rows);
      over = x >= 0 && x < film.columns && y >= 0 && y < film.rows ? y * film.columns + x : -1;
      drawPointed();
    });
    grid.addEventListener("mouseleave", () => { over = -1; drawPointed(); });

    place.replaceChildren(heading, subtitle, legend, course, controls, status, grid, pointed);
    // The classic Notebook listens to keys unless it is told that somebody else does.
    const keys = window.Jupyter && window.Jupyter.keyboard_manager;
    if (keys && keys.register_events) keys.register_events(place);
    draw();
    if (window.ResizeObserver) new ResizeObserver(() => { if (place.isConnected) drawCourse(); }).observe(place);
  };

  let wait = 20;
  const start = () => {
    const places = document.querySelectorAll("[data-dlac-film='$ID']:not([data-drawn])");
    if (places.length > 0) {
      places.forEach(play);
    } else if (wait < 5000) {
      setTimeout(start, wait);
      wait *= 1.3;
    }
  };
  start();
})();
