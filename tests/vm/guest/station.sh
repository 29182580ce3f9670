# The station as an operator sets it up after `apt install`; runs once, in the guest, before the state is
# frozen that every scenario wakes up from. /run/bundle holds the package.
set -euo pipefail
umask 022
say() { echo "-- $*"; }

say install
apt-get install --yes --no-install-recommends /run/bundle/sealdock.deb

say found
station=/var/lib/sealdock
mkdir -p /etc/sealdock/pins
echo 2580147 >/etc/sealdock/pins/clerk
echo 7410258 >/etc/sealdock/pins/officer
chmod -R go= /etc/sealdock/pins
runuser -u sealdock -- sealdock init --station $station --origin guest.example/s1 --unit Guest \
    --accept-single-copy --docking clerk-shift

say fake recorder
install -m 755 /run/bundle/fake-recorder.py /usr/local/sbin/fake-recorder
# Two ports of the kernel's own make, at which the guest plugs in recorders that it plays itself.
echo 'options dummy_hcd num=2' >/etc/modprobe.d/fake-recorder.conf
printf 'dummy_hcd\nlibcomposite\n' >/etc/modules-load.d/fake-recorder.conf
modprobe -a dummy_hcd libcomposite
mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
install -m 600 -o sealdock -g sealdock /dev/null /etc/sealdock/secrets/cammpro
echo 123456 >/etc/sealdock/secrets/cammpro

say docks
# QEMU's controller has ten ports; the last two are no docks.
for port in 1 2 3 4 5 6 7 8; do
    printf '[[port]]\nbay = "bay-%s"\npath = "pci-0000:00:04.0-usb-0:%s"\n\n' $port $port
done >/etc/sealdock/docks.toml
cat >>/etc/sealdock/docks.toml <<'PORTS'
[[port]]
bay = "locked"
path = "platform-dummy_hcd.0-usb-0:1"
profile = "cammpro.mc"
secrets = { recorder-admin = "/etc/sealdock/secrets/cammpro" }

[[port]]
bay = "plain"
path = "platform-dummy_hcd.1-usb-0:1"
PORTS
udevadm control --reload
udevadm trigger --action=add --subsystem-match=usb
udevadm settle

say start
systemctl start sealdock.service
export SEALDOCK_STATION=$station
sealdock person add G01 --name Clerk --role clerk --pin-file /etc/sealdock/pins/clerk
sealdock person add 000101 --name Officer --role officer --pin-file /etc/sealdock/pins/officer
sealdock recorder add J800001
sealdock shift open --as G01 --pin-file /etc/sealdock/pins/clerk
for bay in bay-{1..8} locked plain; do
    sealdock bay add $bay --folder /run/sealdock/bays/$bay
done
sealdock verify-config
sealdock status
systemctl --no-pager status sealdock.service
