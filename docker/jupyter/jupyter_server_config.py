"""JupyterLab in its container: reached through a published port, opened with a token that is read from a file."""

c = get_config()  # noqa: F821 (Jupyter's own)
c.ServerApp.ip = "0.0.0.0"  # inside the container; compose.yaml publishes it on 127.0.0.1 only
c.ServerApp.port = 8888
c.ServerApp.open_browser = False
c.ServerApp.root_dir = "/home/lakebox"
c.ServerApp.quit_button = False
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
