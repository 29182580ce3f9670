# The station as an operator sets it up after `apt install`; runs once, in the guest, before the state is
# frozen that every scenario wakes up from. /run/bundle holds what is to be installed.
set -euo pipefail
export SEALDOCK_STATION=/var/lib/sealdock/station
install -m 755 /run/bundle/sealdock /usr/bin/sealdock
mkdir -p /var/lib/sealdock /etc/sealdock/pins
umask 077
echo 2580147 >/etc/sealdock/pins/clerk
echo 7410258 >/etc/sealdock/pins/officer
sealdock init --origin guest.example/s1 --unit 'Guest' --accept-single-copy --docking clerk-shift
sealdock person add G01 --name Clerk --role clerk --pin-file /etc/sealdock/pins/clerk
sealdock person add 000101 --name Officer --role officer --pin-file /etc/sealdock/pins/officer
sealdock recorder add J800001
sealdock shift open --as G01 --pin-file /etc/sealdock/pins/clerk
