set -eu
python -c "import galpy"
