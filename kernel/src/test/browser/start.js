import {JupyterPluginRegistry, PageConfig} from '@jupyterlab/coreutils';
import {IConnectionStatus, IServiceManager} from '@jupyterlab/services';

/** Starts an application of the given plugins. It is `window.jupyterapp`, for tests. */
export async function start(Application, extensions, mimeExtensions) {
  const plugins = extensions.filter(({id}) => !PageConfig.Extension.isDisabled(id));
  const pluginRegistry = new JupyterPluginRegistry();
  pluginRegistry.registerPlugins(plugins);
  window.jupyterapp = new Application({
    pluginRegistry,
    mimeExtensions,
    serviceManager: await pluginRegistry.resolveRequiredService(IServiceManager),
    connectionStatus: await pluginRegistry.resolveOptionalService(IConnectionStatus),
    availablePlugins: plugins.map(({id, description = '', requires = [], optional = [], provides = null, autoStart}) =>
      ({id, description, requires, optional, provides, autoStart, enabled: true, extension: id.split(':')[0]})),
  });
  await window.jupyterapp.start({bubblingKeydown: true});
}
