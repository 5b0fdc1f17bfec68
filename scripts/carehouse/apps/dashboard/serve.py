"""Start Streamlit on the dashboard's script, with nothing sent to anybody."""

from pathlib import Path

APP = Path(__file__).with_name("app.py")


def options(host: str, port: int) -> list[str]:
    """What Streamlit is told: no statistics, no first questions, no watching of source files."""
    return [
        f"--server.address={host}",
        f"--server.port={port}",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--server.enableStaticServing=false",
        "--browser.gatherUsageStats=false",
        "--browser.serverAddress=" + host,
        "--client.toolbarMode=minimal",
        "--client.showErrorDetails=none",
        "--theme.base=light",
        "--theme.primaryColor=#1b4f72",
        "--logger.level=error",
    ]


def serve(host: str, port: int) -> None:
    """Serve until it is stopped."""
    from streamlit.web.cli import main

    main(["run", str(APP), *options(host, port)], standalone_mode=False)
