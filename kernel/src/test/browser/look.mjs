// What to look for: in a notebook's file, what must show; in a page, what does not. Each check gives a list of what is wrong.
// Functions that a page evaluates stand alone.

const text = (value) => [value ?? ''].flat().join('');

export const firstLine = ({source}) => text(source).trim().split('\n')[0];

const outputs = (notebook) => notebook.cells.flatMap((cell, index) => (cell.outputs ?? []).map((output) => ({index, cell, output, data: output.data ?? {}})));

const unique = (list) => [...new Map(list.map((entry) => [entry.index, entry])).values()];

export const failures = (notebook) => outputs(notebook).filter(({output}) => output.output_type === 'error')
    .map(({cell, output}) => `${firstLine(cell)} -> ${output.ename}: ${output.evalue}`);

/** Cells with an output that shows something. */
export const expectedOutputs = (notebook) => unique(outputs(notebook)
    .filter(({output, data}) => output.output_type === 'error' || text(output.text).trim() || text(data['text/plain']).trim())
    .map(({index, cell}) => ({index, cell: firstLine(cell)})));

/** Cells with a plotly figure, and the title that it must show. */
export const expectedFigures = (notebook) => outputs(notebook)
    .filter(({data}) => data['application/vnd.plotly.v1+json'])
    .map(({index, cell, data}) => {
      const {layout = {}} = data['application/vnd.plotly.v1+json'];
      return {index, cell: firstLine(cell), title: layout.title?.text ?? layout.title};
    });

/** Cells with a film, which plays. */
export const expectedFilms = (notebook) => outputs(notebook)
    .filter(({data}) => text(data['text/html']).includes('data-dlac-film='))
    .map(({index, cell}) => ({index, cell: firstLine(cell)}));

/** Cells with a figure or a picture. */
export const expectedPictures = (notebook) => unique(outputs(notebook)
    .filter(({data}) => Object.keys(data).some((type) => type.startsWith('image/') || type === 'application/vnd.plotly.v1+json')
      || /<(img|svg)\b/.test(text(data['text/html'])))
    .map(({index, cell}) => ({index, cell: firstLine(cell)})));

/** Cells that ask for a progress bar. */
export const expectedProgress = (notebook) => notebook.cells
    .map((cell, index) => ({index, cell: firstLine(cell), source: text(cell.source), type: cell.cell_type}))
    .filter(({source, type}) => type === 'code' && /\bprogress\(/.test(source));

export function outputsMissing({cells, outputs, expected}) {
  const all = document.querySelectorAll(cells);
  return expected.filter(({index}) => ![...all[index]?.querySelectorAll(outputs) ?? []].some((area) => {
    const {width, height} = area.getBoundingClientRect();
    return width > 5 && height > 5 && (area.innerText.trim() || area.querySelector('img, svg, canvas, progress'));
  })).map(({cell}) => `nothing below: ${cell}`);
}

export function misalignedNumbers({cells, outputs}) {
  const number = /^[-+\u2212]?(\d[\d,.\u202f\u00a0' ]*|\.\d+)([eE][-+]?\d+)?(\s*(%|x|\u00d7|[kMGT]?i?B|[num\u00b5]?s|M?Hz))?$/;
  const wrong = [];
  document.querySelectorAll(cells).forEach((cell) => cell.querySelectorAll(outputs).forEach((output) => output.querySelectorAll('table').forEach((table) => {
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => [...row.cells]);
    for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
      const column_ = rows.map((row) => row[column]).filter((td) => td?.tagName === 'TD' && td.innerText.trim());
      if (column_.length > 0 && column_.every((td) => number.test(td.innerText.trim()))) {
        wrong.push(...column_.filter((td) => !['right', 'end', '-webkit-right'].includes(getComputedStyle(td).textAlign))
            .map((td) => `'${td.innerText.trim()}' is aligned to the ${getComputedStyle(td).textAlign}`));
      }
    }
  })));
  return wrong;
}

export function figuresNotDrawn({cells, expected}) {
  const all = document.querySelectorAll(cells);
  return expected.flatMap(({index, cell, title}) => {
    const place = all[index]?.querySelector('.js-plotly-plot');
    const drawn = place?.querySelector('.main-svg');
    // A place without height lies on top of what follows, or is not seen.
    if (!drawn || drawn.getBoundingClientRect().height < 50 || place.getBoundingClientRect().height < 50) {
      return [`not drawn: ${cell}`];
    }
    if (title === undefined) {
      return [];
    }
    const shown = [...all[index].querySelectorAll('.gtitle')].filter((element) => element.getBoundingClientRect().width > 0);
    const plain = (string) => string.replace(/<[^>]*>/g, '').replace(/\s+/g, '');
    return shown.some((element) => plain(element.textContent) === plain(title)) ? [] : [`no title '${title}': ${cell}`];
  });
}

/** Drags over the first figures: plotly zooms, so its ranges change. */
export async function figuresNotInteractive(page, count) {
  const wrong = [];
  const plots = page.locator('.js-plotly-plot');
  const range = (plot) => plot.evaluate((element) => JSON.stringify([element._fullLayout?.xaxis?.range, element._fullLayout?.yaxis?.range]));
  for (let i = 0; i < Math.min(count, await plots.count()); i++) {
    const plot = plots.nth(i);
    const drag = plot.locator('.nsewdrag').first();
    if (await drag.count() === 0) {
      continue; // No axes: a pie, say.
    }
    await plot.scrollIntoViewIfNeeded();
    const before = await range(plot);
    const {x, y, width, height} = await drag.boundingBox();
    await page.mouse.move(x + width * 0.3, y + height * 0.3);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.6, y + height * 0.7, {steps: 8});
    await page.mouse.up();
    await page.waitForTimeout(300);
    if (await range(plot) === before) {
      wrong.push(`figure ${i + 1} does not zoom`);
    }
    // A double click takes the zoom back.
    await page.mouse.dblclick(x + width * 0.5, y + height * 0.5);
    await page.mouse.move(2, 2);
    await page.waitForTimeout(600);
  }
  return wrong;
}

/** Plays the films, and moves them by the keys of a slider, which must not be taken for the notebook's own. */
export async function filmsNotPlaying(page, count) {
  const wrong = [];
  const films = page.locator('.dlac-film[data-drawn]');
  if (await films.count() < count) {
    return [`${await films.count()} of ${count} films are there`];
  }
  for (let i = 0; i < count; i++) {
    const film = films.nth(i);
    const slider = film.locator('input[type=range]');
    const at = async () => Number(await slider.inputValue());
    const shown = () => film.evaluate((element) => element.innerText + [...element.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()));
    await slider.scrollIntoViewIfNeeded();
    await slider.focus();
    const [before, picture] = [await at(), await shown()];
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowUp');
    if (await at() !== before + 2 || await shown() === picture) {
      wrong.push(`the keys move film ${i + 1} from ${before} to ${await at()}, or nothing changes`);
    }
    if (!await slider.evaluate((element) => element === document.activeElement)) {
      wrong.push(`the notebook takes the keys of film ${i + 1}`);
    }
    await film.getByRole('button', {name: 'play'}).click();
    await page.waitForTimeout(600);
    await film.getByRole('button', {name: 'pause'}).click();
    const paused = await at();
    await page.waitForTimeout(400);
    if (paused <= before + 2 || await at() !== paused) {
      wrong.push(`film ${i + 1} plays to ${paused} and stops at ${await at()}`);
    }
  }
  return wrong;
}

export function progressMissing({cells, expected}) {
  const all = document.querySelectorAll(cells);
  return expected.filter(({index}) => {
    const bar = all[index]?.querySelector('progress, [role=progressbar]');
    return !bar || bar.getBoundingClientRect().width < 20;
  }).map(({cell}) => `no progress bar: ${cell}`);
}

export function picturesMissing({cells, outputs, expected}) {
  const all = document.querySelectorAll(cells);
  return expected.filter(({index}) => ![...all[index]?.querySelectorAll(outputs) ?? []].some((output) =>
    [...output.querySelectorAll('img')].some((img) => img.complete && img.naturalWidth > 0 && img.getBoundingClientRect().width > 10)
      || [...output.querySelectorAll('svg')].some((svg) => svg.getBoundingClientRect().width > 10)))
      .map(({cell}) => `no picture: ${cell}`);
}

export const figuresDrawn = () => [...document.querySelectorAll('.js-plotly-plot .main-svg')].map(() => 'a figure is drawn by script');

/** Text of outputs that stands out too little from what is behind it: WCAG asks for 4.5, and 3 for large text. */
export function unreadable({cells, outputs}) {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => color.slice(0, 3).map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] > 200) {
        return color;
      }
    }
    return [255, 255, 255, 255];
  };
  const wrong = new Set();
  document.querySelectorAll(cells).forEach((cell) => cell.querySelectorAll(outputs).forEach((output) => {
    const texts = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || element.closest('svg, script, style, noscript') || element.getClientRects().length === 0
          || getComputedStyle(element).visibility === 'hidden') {
        continue;
      }
      const [light, dark] = [luminance(rgba(getComputedStyle(element).color)), luminance(background(element))].sort((a, b) => b - a);
      const contrast = (light + 0.05) / (dark + 0.05);
      if (contrast < 3) {
        wrong.add(`'${texts.currentNode.data.trim().slice(0, 40)}' has a contrast of ${contrast.toFixed(1)}`);
      }
    }
  }));
  return [...wrong];
}
