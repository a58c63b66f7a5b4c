import csv
import os
import sys

with open(f"{os.environ['SPECTRA']}/{sys.argv[1]}.csv") as file:
    for row in csv.DictReader(file):
        print(row["nanometre"], "*" * int(float(row["flux"]) * 40))
