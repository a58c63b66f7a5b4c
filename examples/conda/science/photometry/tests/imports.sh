set -eu
python -c "import photutils"
