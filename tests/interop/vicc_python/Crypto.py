# Debian installs pycryptodome as "Cryptodome"; vicc imports it as "Crypto".
# A module with a __path__ is a package, so the submodules are found there.
from Cryptodome import __path__
