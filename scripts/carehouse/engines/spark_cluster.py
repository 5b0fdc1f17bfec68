"""A real Spark cluster on this machine: a standalone master, workers and a Connect server.

All of it comes out of the pyspark wheel and listens on loopback only. Memory is bounded: the driver
stays below 3 GB, an executor with its Python below 1.6 GB. Every process is ended on the way out.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from carehouse.errors import Trouble

LOOPBACK = "127.0.0.1"
START_SECONDS = 120
DRIVER_MEMORY = "2g"
EXECUTOR_MEMORY = "1000m"
DAEMON_MEMORY = "256m"
# As the models expect them; on a cluster of somebody else's they stand in profiles.yml too.
SQL = {
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.timeType.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.sources.default": "parquet",
    # OpenDental writes an unknown day as the year 1, which older readers of Parquet count otherwise
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
}
# For two small cores: few partitions, and no history of what has been run in the driver's memory.
SMALL = {
    "spark.sql.shuffle.partitions": "2",
    # compiling a plan takes longer than running it on so few rows
    "spark.sql.codegen.wholeStage": "false",
    "spark.default.parallelism": "4",
    "spark.sql.ui.retainedExecutions": "10",
    "spark.ui.retainedJobs": "200",
    "spark.ui.retainedStages": "400",
    "spark.ui.retainedTasks": "4000",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass
class Cluster:
    """A running cluster: its addresses, its folder and its processes by name."""

    remote: str  # what SPARK_REMOTE is set to
    master: str
    monitor: str  # of Spark's own REST interface
    folder: Path
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def workers(self) -> list[subprocess.Popen]:
        """The workers that run."""
        return [
            process
            for name, process in self.processes.items()
            if name.startswith("worker") and process.poll() is None
        ]

    def memory_mb(self) -> dict[str, float]:
        """Resident megabytes of each process, an executor with the Python that it started."""
        found = {}
        for name, process in self.processes.items():
            with suppress(psutil.NoSuchProcess):
                one = psutil.Process(process.pid)
                found[name] = one.memory_info().rss / 2**20
                for child in one.children():
                    found[f"{name} executor {child.pid}"] = (
                        sum(
                            part.memory_info().rss
                            for part in [child, *child.children(recursive=True)]
                        )
                        / 2**20
                    )
        return found


def find_java() -> str:
    """The Java to run Spark with; raises Trouble where there is none."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return home
    java = shutil.which("java")
    if java is None:
        raise Trouble(
            "Spark needs Java 17 or 21 and there is none: `apt-get install default-jre-headless`, "
            "or set JAVA_HOME"
        )
    return str(Path(java).resolve().parent.parent)


@contextmanager
def spark_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Start a master, so many workers with a core each, and a Connect server; end them at last.

    Logs, tables and scratch files are written below `folder`. Raises Trouble when a part does not
    answer, naming its log.
    """
    import pyspark

    home = Path(pyspark.__file__).parent
    for name in ("conf", "logs", "scratch", "warehouse"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    master_port, connect_port, monitor_port = _free_port(), _free_port(), _free_port()
    master = f"spark://{LOOPBACK}:{master_port}"
    token, secret = secrets.token_hex(16), secrets.token_hex(16)
    environment = {
        **os.environ,
        "JAVA_HOME": find_java(),
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": LOOPBACK,
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_CONNECT_AUTHENTICATE_TOKEN": token,
    }
    for name in ("SPARK_REMOTE", "SPARK_CONNECT_MODE_ENABLED", "SPARK_MASTER"):
        environment.pop(name, None)
    _write_conf(
        folder,
        {
            "spark.master": master,
            "spark.app.name": "carehouse",
            "spark.authenticate": "true",
            "spark.authenticate.secret": secret,
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.executor.memory": EXECUTOR_MEMORY,
            "spark.executor.cores": "1",
            "spark.connect.grpc.binding.address": LOOPBACK,
            "spark.connect.grpc.binding.port": str(connect_port),
            "spark.ui.port": str(monitor_port),
            "spark.local.dir": str(folder / "scratch"),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            **SQL,
            **SMALL,
        },
    )
    cluster = Cluster(
        f"sc://localhost:{connect_port}/;token={token}",  # only by this name without TLS
        master,
        f"http://{LOOPBACK}:{monitor_port}/api/v1",
        folder,
        environment,
    )
    spark_class = str(home / "bin" / "spark-class")
    try:
        _start(
            cluster,
            "master",
            [spark_class, "org.apache.spark.deploy.master.Master", "--host", LOOPBACK]
            + ["--port", str(master_port), "--webui-port", "0"],
        )
        _wait_for(cluster, "master", master_port)
        for number in range(1, workers + 1):
            start_worker(cluster, f"worker{number}")
        _start(
            cluster,
            "connect",
            [spark_class, "org.apache.spark.deploy.SparkSubmit", "--class"]
            + ["org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"],
            memory=DRIVER_MEMORY,
        )
        _wait_for(cluster, "connect", connect_port)
        yield cluster
    finally:
        _end(cluster)


def start_worker(cluster: Cluster, name: str) -> subprocess.Popen:
    """Start one more worker, with one core."""
    spark_class = str(Path(cluster.environment["SPARK_HOME"]) / "bin" / "spark-class")
    command = [spark_class, "org.apache.spark.deploy.worker.Worker", cluster.master]
    command += ["--host", LOOPBACK, "--cores", "1", "--memory", EXECUTOR_MEMORY]
    command += ["--work-dir", str(cluster.folder / "scratch" / name), "--webui-port", "0"]
    return _start(cluster, name, command)


def _start(
    cluster: Cluster, name: str, command: list[str], memory: str = DAEMON_MEMORY
) -> subprocess.Popen:
    with (cluster.folder / "logs" / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(  # a group of its own, so that its executors end with it
            command,
            env={**cluster.environment, "SPARK_DAEMON_MEMORY": memory},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    cluster.processes[name] = process
    return process


def _wait_for(cluster: Cluster, name: str, port: int) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    log = cluster.folder / "logs" / f"{name}.log"
    while True:
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        if cluster.processes[name].poll() is not None:
            raise Trouble(f"Spark's {name} ended at once: its log is {log}")
        if time.monotonic() > give_up_at:
            raise Trouble(f"Spark's {name} did not answer in {START_SECONDS} seconds: {log}")
        time.sleep(0.2)


def _end(cluster: Cluster) -> None:
    """End every process, the Connect server first, and what is left of each group by force."""
    running = list(reversed(cluster.processes.values()))
    left = []
    for process in running:
        with suppress(psutil.NoSuchProcess):
            left += psutil.Process(process.pid).children(recursive=True)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for child in left:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    shutil.rmtree(cluster.folder / "scratch", ignore_errors=True)


def _write_conf(folder: Path, settings: dict[str, str]) -> None:
    path = folder / "conf" / "spark-defaults.conf"
    path.touch(mode=0o600)  # it holds the secret
    path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    (folder / "conf" / "log4j2.properties").write_text(
        "rootLogger.level = warn\n"
        "rootLogger.appenderRef.stdout.ref = console\n"
        "appender.console.type = Console\n"
        "appender.console.name = console\n"
        "appender.console.target = SYSTEM_ERR\n"
        "appender.console.layout.type = PatternLayout\n"
        "appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex\n"
    )


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        return one.getsockname()[1]
