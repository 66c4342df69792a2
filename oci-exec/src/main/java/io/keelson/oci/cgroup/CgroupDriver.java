package io.keelson.oci.cgroup;

/** Who makes control groups: the OCI runtime by itself, or systemd on its behalf. */
public enum CgroupDriver {
    CGROUPFS,
    SYSTEMD
}
