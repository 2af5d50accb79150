#!/usr/bin/env bash
# A standalone cluster of one master and two workers on this machine, for as long as a command runs:
#   cluster.sh COMMAND...      with SPARK_MASTER in its environment
set -euo pipefail
command -v java > /dev/null || { echo 'Spark needs Java 17: apt-get install openjdk-17-jre-headless' >&2; exit 1; }
python=${PYTHON:-python3}
SPARK_HOME=$("$python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))') \
  || { echo 'no pyspark: pip install pyspark' >&2; exit 1; }
export SPARK_HOME SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$python
port=${SPARK_PORT:-7077}
folder=$(mktemp -d)
started=()
stop() {
  for process in "${started[@]}"; do kill "$process" 2> /dev/null || true; done
  for process in "${started[@]}"; do wait "$process" 2> /dev/null || true; done
  rm -rf "$folder"
}
trap stop EXIT
run() {
  "$SPARK_HOME/bin/spark-class" "org.apache.spark.deploy.$1" "${@:2}" > "$folder/$1.log" 2>&1 &
  started+=($!)
}
run master.Master --host 127.0.0.1 --port "$port" --webui-port 0
for worker in 1 2; do
  run worker.Worker --host 127.0.0.1 --cores 1 --memory "${WORKER_MEMORY:-3g}" --webui-port 0 \
    --work-dir "$folder/worker$worker" "spark://127.0.0.1:$port"
done
SPARK_MASTER=spark://127.0.0.1:$port "$@"
