#!/usr/bin/env bash
# Terraform 1.11.4: if the second argument of replace() starts and ends with a slash, it is a
# regular expression, and the slashes are not part of it. Paths of workspace folders have this form.
# replace(path, "/Shared/", "/Prod/") replaces the word "Shared" wherever it is: "/Shared/etl"
# becomes "//Prod//etl", and "/Teams/SharedServices/etl" becomes "/Teams//Prod/Services/etl". In
# "/Users/ada.example/", the dot matches any character. Without the last slash, the same call
# replaces text.
# It is documented, but the path of a folder does not look like an expression, and the result is a
# valid string. Configurations derive the notebooks of an environment from one path this way; the
# deploy succeeds, and the job fails in its next run. join("/Prod/", split("/Shared/", path))
# replaces text.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
locals {
  paths = ["/Shared/etl", "/Teams/SharedServices/etl"]
}
output "result" {
  value = join(" ", concat(
    [for path in local.paths : replace(path, "/Shared/", "/Prod/")],
    [replace("/Users/adaxexample/etl", "/ada.example/", "/bob/")],
    [for path in local.paths : join("/Prod/", split("/Shared/", path))],
  ))
}
HCL
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
{ terraform output -raw result; echo; } | tr ' ' '\n' | tee seen
diff seen - <<'END_SEEN'
//Prod//etl
/Teams//Prod/Services/etl
/Users//bob//etl
/Prod/etl
/Teams/SharedServices/etl
END_SEEN
