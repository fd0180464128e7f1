# pypiserver: an index with one package, for which everything needs a password.
"$INSTALLED/bin/python" - "$REAL_BASIC" "$STATE/htpasswd" <<'PYTHON'
import sys
from passlib.apache import HtpasswdFile

user, _, password = sys.argv[1].partition(":")
people = HtpasswdFile(sys.argv[2], new=True, default_scheme="apr_md5_crypt")
people.set_password(user, password)
people.save()
PYTHON
mkdir "$STATE/packages"
touch "$STATE/packages/kept_private-1.0.tar.gz"
exec "$INSTALLED/bin/pypi-server" run --interface 127.0.0.1 --port "$PORT" --disable-fallback \
  --passwords "$STATE/htpasswd" --authenticate update,download,list "$STATE/packages"
