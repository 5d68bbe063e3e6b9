// Assembles JupyterLab and Notebook 7 from their published extension packages: scripts, styles, settings and themes in one folder.
import {build} from 'esbuild';
import {cpSync, existsSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, 'build'));
const require = createRequire(import.meta.url);
const read = (name) => JSON.parse(readFileSync(path.join(here, 'node_modules', name, 'package.json'), 'utf8'));
const extensions = Object.keys(read('..').dependencies)
    .map((name) => ({name, manifest: read(name)}))
    .filter(({manifest: {jupyterlab: kind}}) => kind?.extension || kind?.mimeExtension);

/** What node has built in and browsers lack; and pictures, which are text in scripts but data URLs in styles. */
const forBrowsers = {
  name: 'for-browsers',
  setup(bundle) {
    bundle.onResolve({filter: /^~/}, ({path: name, ...rest}) => bundle.resolve(name.slice(1), rest));
    bundle.onResolve({filter: /\.svg$/}, async ({path: name, pluginData, ...rest}) => {
      if (pluginData === 'resolved' || rest.kind === 'url-token') {
        return undefined;
      }
      const {path: file} = await bundle.resolve(name, {...rest, pluginData: 'resolved'});
      return {path: file, namespace: 'text'};
    });
    bundle.onResolve({filter: /^virtual:extensions\//}, ({path: name}) => ({path: name.slice('virtual:extensions/'.length), namespace: 'extensions'}));
    bundle.onLoad({filter: /.*/, namespace: 'extensions'}, ({path: scope}) => {
      const listed = extensions.filter(({name}) => name.startsWith(scope + '/'));
      const lists = {plugins: 'extension', mimePlugins: 'mimeExtension'};
      return {
        resolveDir: here,
        contents: [
          ...listed.filter(({manifest}) => manifest.styleModule).map(({name, manifest}) => `import '${name}/${manifest.styleModule}';`),
          ...listed.map(({name}, i) => `import e${i} from '${name}';`),
          ...Object.entries(lists).map(([list, kind]) => `export const ${list} = [${
            listed.flatMap(({manifest}, i) => manifest.jupyterlab[kind] ? [`e${i}`] : []).join(', ')}].flat();`),
        ].join('\n'),
      };
    });
    bundle.onLoad({filter: /.*/, namespace: 'text'}, ({path: file}) => ({contents: readFileSync(file, 'utf8'), loader: 'text'}));
    // The toolbars' web components recompute all their colours until the stack overflows, which takes seconds: they keep their defaults.
    bundle.onLoad({filter: /web-components\/dist\/esm\/utilities\/theme\/applyTheme\.js$/}, () => ({
      contents: 'export const applyJupyterTheme = () => {}; export const addJupyterLabThemeChangeListener = () => {};',
    }));
    bundle.onLoad({filter: /\.raw\.css$/}, ({path: file}) => ({contents: readFileSync(file, 'utf8'), loader: 'text'}));
  },
};

const shared = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  absWorkingDir: here,
  plugins: [forBrowsers],
  define: {'process.env.NODE_ENV': '"production"', 'process.env': '{}', global: 'globalThis', __dirname: '"/"'},
  loader: {'.svg': 'dataurl', '.png': 'dataurl', '.gif': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl', '.eot': 'empty',
    '.md': 'text', '.html': 'text'},
  logLevel: 'warning',
};

await build({...shared, entryPoints: ['lab.js', 'notebook.js'], outdir: path.join(out, 'static')});

for (const {name, manifest} of extensions) {
  const {schemaDir, themePath} = manifest.jupyterlab;
  if (schemaDir) {
    cpSync(path.join(here, 'node_modules', name, schemaDir), path.join(out, 'schemas', name), {recursive: true});
  }
  if (themePath) {
    await build({...shared, entryPoints: [{in: `${name}/${themePath}`, out: 'index'}], outdir: path.join(out, 'themes', name)});
  }
}
