"""Serves JupyterLab and Notebook 7, as build.mjs assembled them, from Debian's jupyterlab_server.

    server.py BUILD_DIR [options of jupyter_server]
"""
import json
import os
import sys
from pathlib import Path

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.extension.handler import ExtensionHandlerJinjaMixin, ExtensionHandlerMixin
from jupyterlab_server import LabServerApp
from jupyterlab_server.handlers import LabHandler
from tornado import web
from tornado.websocket import WebSocketHandler

HERE = Path(__file__).parent
BUILD = Path(sys.argv.pop(1)).resolve()
STATE = Path(os.environ["JUPYTER_CONFIG_DIR"])

# They would ask for news on the net, and a language server on this machine.
NOT_HERE = [
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
]


class Me(APIHandler):
    """Who the user is: asked for by JupyterLab 4, and not yet answered by jupyter_server 1."""

    @web.authenticated
    def get(self):
        name = "tester"
        identity = {"username": name, "name": name, "display_name": name, "initials": "t", "avatar_url": None, "color": None}
        self.finish(json.dumps({"identity": identity, "permissions": {}}))


class Events(WebSocketHandler):
    """What happens on the server, such as a saved file: jupyter_server 1 tells nothing, and JupyterLab 4 asks without end."""

    def on_message(self, message):
        pass


class Notebook(LabHandler):
    """The page of Notebook 7 for one notebook."""

    @web.authenticated
    def get(self, path):
        config = {**self.get_page_config(), "frontEnd": "notebook", "notebookPage": "notebooks", "frontendUrl": "/", "treePath": ""}
        self.finish(self.render_template("index.html", page_config=config))


class Lab(LabServerApp):
    name = "lab"
    app_name = "JupyterLab"
    app_version = json.loads((HERE / "package.json").read_text())["dependencies"]["@jupyterlab/application-extension"]
    extension_url = "/lab"
    default_url = "/lab"
    load_other_extensions = False
    static_dir = str(BUILD / "static")
    schemas_dir = str(BUILD / "schemas")
    themes_dir = str(BUILD / "themes")
    templates_dir = str(HERE / "templates")
    app_settings_dir = str(STATE / "lab/settings")
    user_settings_dir = str(STATE / "lab/user-settings")
    workspaces_dir = str(STATE / "lab/workspaces")

    def initialize_handlers(self):
        self.serverapp.web_app.settings["page_config_hook"] = lambda _, page: {"frontEnd": "lab", **page, "disabledExtensions": NOT_HERE}
        self.handlers += [(r"/api/me", Me), (r"/api/events/subscribe", Events), (r"/notebooks/(.*)", Notebook)]
        super().initialize_handlers()


def _jupyter_server_extension_points():
    return [{"module": __name__, "app": Lab}]


if __name__ == "__main__":
    Lab.launch_instance()
