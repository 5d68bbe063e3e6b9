// Notebook 7: its own extensions, and those parts of JupyterLab's that show one notebook.
import {plugins, mimePlugins} from 'virtual:extensions/@jupyter-notebook';
import {plugins as ofLab, mimePlugins as mimeOfLab} from 'virtual:extensions/@jupyterlab';
import {NotebookApp} from '@jupyter-notebook/application';
import {start} from './start.js';

const all = ['cell-toolbar', 'celltags', 'codemirror', 'htmlviewer', 'imageviewer', 'logconsole', 'markedparser', 'mathjax', 'metadataform',
  'services', 'shortcuts', 'theme-dark', 'theme-light', 'translation', 'ui-components'];
const some = {
  application: ['context-menu', 'faviconbusy', 'router', 'top-bar'],
  apputils: ['kernels-settings', 'palette', 'notification', 'sanitizer', 'sessionDialogs', 'settings', 'state', 'themes', 'themes-palette-menu',
    'toolbar-registry', 'utilityCommands'],
  completer: ['base-service', 'inline-completer', 'inline-completer-factory', 'inline-history', 'manager'],
  console: ['cell-executor', 'completer', 'factory', 'foreign', 'tracker'],
  docmanager: ['plugin', 'download', 'contexts', 'manager'],
  documentsearch: ['plugin'],
  filebrowser: ['factory', 'default-file-browser'],
  fileeditor: ['plugin', 'widget-factory'],
  help: ['resources'],
  mainmenu: ['plugin'],
  notebook: ['cell-executor', 'code-console', 'export', 'factory', 'page-handler', 'tracker', 'widget-factory', 'active-cell-tool', 'completer',
    'copy-output', 'metadata-editor', 'search', 'toc', 'tools', 'update-raw-mimetype'],
  toc: ['registry', 'tracker'],
  tooltip: ['manager', 'notebooks'],
};
const kept = ofLab.filter(({id}) => {
  const [, extension, plugin] = /^@jupyterlab\/(.*)-extension:(.*)$/.exec(id) ?? [];
  return all.includes(extension) || some[extension]?.includes(plugin);
});

start(NotebookApp, [...kept, ...plugins], [...mimeOfLab, ...mimePlugins]);
