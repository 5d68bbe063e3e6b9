// Opens notebooks in JupyterLab, Notebook 7 and the classic Notebook, runs them as a person would, and looks at what shows.
//
//   node test.mjs --kernel NAME --front-ends DIR [--screenshots DIR] [--only lab,notebook,classic] NOTEBOOK.ipynb...
//
// The kernelspec is found as Jupyter finds it: set JUPYTER_PATH for one that is not installed. PYTHON and CHROMIUM name the programs.
import {execFileSync, spawn} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {chromium} from 'playwright-core';
import * as look from './look.mjs';

const {values: options, positionals: notebooks} = parseArgs({
  allowPositionals: true,
  options: {
    kernel: {type: 'string', default: 'dlac'},
    'front-ends': {type: 'string'},
    screenshots: {type: 'string'},
    only: {type: 'string', default: 'lab,notebook,classic'},
    timeout: {type: 'string', default: '240'},
  },
});
const here = path.dirname(fileURLToPath(import.meta.url));
const python = process.env.PYTHON ?? '/usr/bin/python3';
const browserPath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const patience = 1000 * Number(options.timeout);
const home = mkdtempSync(path.join(os.tmpdir(), 'front-ends-'));
const root = path.join(home, 'notebooks');
mkdirSync(root);
if (options.screenshots) {
  mkdirSync(options.screenshots, {recursive: true});
}

let passed = 0;
let failed = 0;

/** Counts an expectation. What is wrong is a list: an empty one passes. */
function expect(what, wrong) {
  const problems = [wrong].flat();
  if (problems.length === 0) {
    passed++;
    console.log(`ok: ${what}`);
  } else {
    failed++;
    console.log(`FAILED: ${what}`);
    problems.slice(0, 8).forEach((problem) => console.log(`  ${problem}`));
    if (problems.length > 8) {
      console.log(`  and ${problems.length - 8} more`);
    }
  }
}

async function until(what, condition, limit = patience) {
  for (const deadline = Date.now() + limit; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 200))) {
    if (await condition()) {
      return;
    }
  }
  throw new Error(`waited ${limit / 1000} s for ${what}`);
}

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const {port} = server.address();
    server.close(() => resolve(port));
  });
});

const processes = [];

/** Where kernels are: also the user's, though the home is another. */
const jupyterPath = () => [execFileSync(python, ['-m', 'jupyter_core.command', '--data-dir'], {encoding: 'utf8'}).trim(), process.env.JUPYTER_PATH]
    .filter(Boolean).join(path.delimiter);

/** Starts a Jupyter server whose home, settings and signatures are its own. */
async function serve(command, application) {
  const port = await freePort();
  const folders = Object.fromEntries(['CONFIG', 'DATA', 'RUNTIME'].map((kind) => [`JUPYTER_${kind}_DIR`, path.join(home, kind.toLowerCase())]));
  const config = ['ip=127.0.0.1', `port=${port}`, 'port_retries=0', 'token=test', 'open_browser=False', 'allow_root=True', `root_dir=${root}`]
      .map((setting) => `--${application}.${application === 'NotebookApp' ? setting.replace('root_dir', 'notebook_dir') : setting}`);
  const child = spawn(python, [...command, ...config], {
    cwd: root,
    env: {...process.env, ...folders, JUPYTER_PATH: jupyterPath(), HOME: home, IPYTHONDIR: path.join(home, 'ipython'), PYDEVD_DISABLE_FILE_VALIDATION: '1'},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  processes.push(child);
  let log = '';
  child.stdout.on('data', (data) => log += data);
  child.stderr.on('data', (data) => log += data);
  const url = `http://127.0.0.1:${port}`;
  await until(`the server at ${url}`, async () => {
    if (child.exitCode !== null) {
      throw new Error(`the server ended:\n${log}`);
    }
    return fetch(`${url}/api/status?token=test`).then((response) => response.ok, () => false);
  }, 60_000);
  return url;
}

const labs = {
  cells: '.jp-Notebook .jp-Cell',
  outputs: '.jp-OutputArea-output',
  command: ['server.py'],
  application: 'ServerApp',
  ready: (page) => page.waitForFunction(() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.content?.widgets?.length > 0 && panel.context.isReady && panel.sessionContext.session?.kernel?.status === 'idle';
  }, undefined, {timeout: 90_000}),
  run: (page) => page.evaluate(() => window.jupyterapp.commands.execute('notebook:run-all-cells')),
  idle: (page) => page.evaluate(() => {
    const {content, sessionContext} = window.jupyterapp.shell.currentWidget;
    return sessionContext.session?.kernel?.status === 'idle' && content.widgets.every(({model}) => model.executionState !== 'running');
  }),
  save: (page) => page.evaluate(() => window.jupyterapp.commands.execute('docmanager:save')),
  theme: (page, theme) => page.evaluate((name) => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}), `JupyterLab ${theme}`),
  /** Cells out of sight may not be drawn: make all visible. */
  height: (page) => page.evaluate(async () => {
    const {content} = window.jupyterapp.shell.currentWidget;
    for (let i = 0; i < content.widgets.length; i++) {
      await content.scrollToItem(i);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await content.scrollToItem(0);
    return content.widgets.reduce((sum, {node}) => sum + node.getBoundingClientRect().height + 10, 200);
  }),
};

const frontEnds = {
  lab: {...labs, title: 'JupyterLab', page: (file) => `/lab/workspaces/${path.basename(file, '.ipynb')}/tree/${file}`},
  notebook: {...labs, title: 'Notebook 7', page: (file) => `/notebooks/${file}`},
  classic: {
    title: 'classic Notebook',
    page: (file) => `/notebooks/${file}`,
    command: ['-m', 'notebook'],
    application: 'NotebookApp',
    cells: '#notebook-container .cell',
    outputs: '.output_area',
    ready: (page) => page.waitForFunction(() => window.Jupyter?.notebook?.kernel?.is_connected?.() && window.Jupyter.notebook._fully_loaded
      && document.querySelector('.kernel_idle_icon'), undefined, {timeout: 90_000}),
    run: (page) => page.evaluate(() => window.Jupyter.notebook.execute_all_cells()),
    idle: (page) => page.evaluate(() => document.querySelector('.kernel_idle_icon') !== null
      && window.Jupyter.notebook.get_cells().every((cell) => cell.input_prompt_number !== '*')),
    save: (page) => page.evaluate(() => window.Jupyter.notebook.save_notebook()),
    height: (page) => page.evaluate(() => document.querySelector('#notebook-container').scrollHeight + 250),
  },
};

/** A page which notes what it asks for elsewhere, and which errors its scripts have. */
async function open(browser, url) {
  const page = await browser.newPage({viewport: {width: 1100, height: 900}});
  page.elsewhere = [];
  page.errors = [];
  page.on('request', (request) => {
    const {protocol, hostname} = new URL(request.url());
    if (!['data:', 'blob:', 'about:'].includes(protocol) && !['127.0.0.1', 'localhost'].includes(hostname)) {
      page.elsewhere.push(request.url());
    }
  });
  page.on('pageerror', (error) => page.errors.push(String(error.stack ?? error).slice(0, 500)));
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(url);
  return page;
}

async function showAll(frontEnd, page) {
  const height = await frontEnd.height(page);
  await page.setViewportSize({width: 1100, height: Math.max(900, Math.min(Math.ceil(height), 15_000))});
  await page.waitForTimeout(500);
}

async function screenshot(page, name) {
  if (options.screenshots) {
    await page.screenshot({path: path.join(options.screenshots, `${name}.png`)});
  }
}

async function examine(browser, base, frontEnd, key, source) {
  const name = path.basename(source, '.ipynb');
  const notebook = JSON.parse(readFileSync(source, 'utf8'));
  notebook.metadata.kernelspec = {...notebook.metadata.kernelspec, name: options.kernel};
  const file = `${name}-${key}.ipynb`;
  const write = (to, contents) => writeFileSync(path.join(root, to), JSON.stringify(contents));
  const selectors = {cells: frontEnd.cells, outputs: frontEnd.outputs};
  const what = `${frontEnd.title}, ${name}`;
  write(file, notebook);

  const page = await open(browser, `${base}${frontEnd.page(file)}?token=test`);
  await frontEnd.ready(page);
  await frontEnd.run(page);
  await until(`${what} to be idle`, () => frontEnd.idle(page));
  await showAll(frontEnd, page);
  await frontEnd.save(page);
  const saved = () => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  const code = (contents) => contents.cells.filter(({cell_type: type, source: text}) => type === 'code' && [text].flat().join('').trim());
  await until(`${what} to be saved`, () => code(saved()).every(({execution_count: count}) => count !== null), 20_000).catch(() => {});
  const done = saved();

  expect(`${what}: every cell has run`, code(done).filter(({execution_count: count}) => count === null).map((cell) => look.firstLine(cell)));
  expect(`${what}: no cell has failed`, look.failures(done));
  expect(`${what}: outputs show`, await page.evaluate(look.outputsMissing, {...selectors, expected: look.expectedOutputs(done)}));
  expect(`${what}: numbers in tables are aligned to the right`, await page.evaluate(look.misalignedNumbers, selectors));
  expect(`${what}: figures are drawn with their titles`, await page.evaluate(look.figuresNotDrawn, {...selectors, expected: look.expectedFigures(done)}));
  expect(`${what}: figures are interactive`, await look.figuresNotInteractive(page, look.expectedFigures(done).length));
  expect(`${what}: films play`, await look.filmsNotPlaying(page, look.expectedFilms(done).length));
  expect(`${what}: progress bars show`, await page.evaluate(look.progressMissing, {...selectors, expected: look.expectedProgress(done)}));
  expect(`${what}: text is readable`, await page.evaluate(look.unreadable, selectors));
  await screenshot(page, `${name}-${key}-light`);
  if (frontEnd.theme) {
    await page.emulateMedia({colorScheme: 'dark'});
    await frontEnd.theme(page, 'Dark');
    await page.locator('#jupyterlab-splash').waitFor({state: 'detached', timeout: 30_000});
    await page.waitForTimeout(500);
    expect(`${what}: figures are drawn in the dark`, await page.evaluate(look.figuresNotDrawn, {...selectors, expected: look.expectedFigures(done)}));
    expect(`${what}: text is readable in the dark`, await page.evaluate(look.unreadable, selectors));
    await screenshot(page, `${name}-${key}-dark`);
    await frontEnd.theme(page, 'Light');
  }
  expect(`${what}: no request leaves the machine`, page.elsewhere);
  expect(`${what}: no script fails`, page.errors);
  await page.close();

  // The same from somebody else: a signature that this Jupyter does not know.
  done.metadata.copied = true;
  const copy = `copy-of-${file}`;
  write(copy, done);
  const stranger = await open(browser, `${base}${frontEnd.page(copy)}?token=test`);
  await frontEnd.ready(stranger);
  await showAll(frontEnd, stranger);
  expect(`${what}, not trusted: outputs show`, await stranger.evaluate(look.outputsMissing, {...selectors, expected: look.expectedOutputs(done)}));
  expect(`${what}, not trusted: each figure is a picture`, await stranger.evaluate(look.picturesMissing, {...selectors, expected: look.expectedPictures(done)}));
  expect(`${what}, not trusted: no script runs`, await stranger.evaluate(look.figuresDrawn));
  expect(`${what}, not trusted: numbers in tables are aligned to the right`, await stranger.evaluate(look.misalignedNumbers, selectors));
  expect(`${what}, not trusted: no request leaves the machine`, stranger.elsewhere);
  await screenshot(stranger, `${name}-${key}-not-trusted`);
  await stranger.close();
}

/** What notebooks read: the folders beside them, but no large files, which they do without. */
function copyBeside(notebooks) {
  for (const folder of new Set(notebooks.map((notebook) => path.dirname(path.resolve(notebook))))) {
    for (const entry of readdirSync(folder, {withFileTypes: true}).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))) {
      cpSync(path.join(folder, entry.name), path.join(root, entry.name), {
        recursive: true,
        filter: (from) => statSync(from).isDirectory() || statSync(from).size < 10_000_000,
      });
    }
  }
}

let browser;
try {
  if (notebooks.length === 0 || !options['front-ends'] || !browserPath) {
    throw new Error('usage: node test.mjs --kernel NAME --front-ends DIR NOTEBOOK.ipynb... (and Chromium must be installed)');
  }
  browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-background-networking', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'],
  });
  copyBeside(notebooks);
  const servers = {};
  for (const key of options.only.split(',')) {
    const frontEnd = frontEnds[key];
    const command = frontEnd.command[0].endsWith('.py') ? [path.join(here, frontEnd.command[0]), path.resolve(options['front-ends'])] : frontEnd.command;
    servers[frontEnd.application] ??= await serve(command, frontEnd.application);
    for (const notebook of notebooks) {
      try {
        await examine(browser, servers[frontEnd.application], frontEnd, key, notebook);
      } catch (error) {
        expect(`${frontEnd.title}, ${path.basename(notebook)}`, String(error.stack ?? error));
      }
    }
  }
} catch (error) {
  expect('the test starts', String(error.message ?? error));
} finally {
  await browser?.close();
  for (const child of processes) {
    child.kill('SIGTERM');
    await Promise.race([new Promise((resolve) => child.once('exit', resolve)), new Promise((resolve) => setTimeout(resolve, 10_000))]);
    child.kill('SIGKILL');
  }
  rmSync(home, {recursive: true, force: true, maxRetries: 5});
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
