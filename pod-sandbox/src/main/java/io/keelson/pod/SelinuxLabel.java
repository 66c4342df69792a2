package io.keelson.pod;

/** Parts of an SELinux context; empty parts are the node's to choose (CRI v1, SELinuxOption). */
public record SelinuxLabel(String user, String role, String type, String level) {}
