"""The segments of a rule folder by Spark: one statement, and their members as Parquet, a folder a segment.

usage: segments.py STATEMENT DATA OUT

STATEMENT is what `segmenta sql --dialect spark` prints, DATA a folder with NAME.parquet (a file or a folder) for each table
that it reads, OUT a folder that does not exist yet. SPARK_MASTER names the cluster.
"""

import os
import pathlib
import sys
import time

from pyspark.sql import SparkSession


def main(statement: str, data: str, out: str) -> None:
    master = os.environ.get("SPARK_MASTER", "local[2]")
    spark = SparkSession.builder.master(master).appName("segments").getOrCreate()
    started = time.monotonic()
    for table in sorted(pathlib.Path(data).glob("*.parquet")):
        spark.read.parquet(str(table)).createOrReplaceTempView(table.stem)
    text = pathlib.Path(statement).read_text(encoding="utf-8")
    spark.sql(text).write.partitionBy("segment").parquet(out)
    written = time.monotonic()
    counts = spark.read.parquet(out).groupBy("segment").count().orderBy("segment")
    for row in counts.collect():
        print(f"{row['segment']},{row['count']}")
    print(f"{written - started:.1f} s", file=sys.stderr)
    spark.stop()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
