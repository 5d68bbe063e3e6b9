// JupyterLab: all extensions.
import {plugins, mimePlugins} from 'virtual:extensions/@jupyterlab';
import {JupyterLab} from '@jupyterlab/application';
import {start} from './start.js';

start(JupyterLab, plugins, mimePlugins);
