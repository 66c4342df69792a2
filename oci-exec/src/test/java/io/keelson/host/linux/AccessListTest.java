package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AccessListTest {
    private static String encoded(Long... uids) {
        return HexFormat.ofDelimiter(" ").formatHex(AccessList.encode(new TreeSet<>(List.of(uids))));
    }

    /** What setfacl(1) writes for {@code u:65536:--x,u:4294967294:--x} on a directory of mode 0700, as getfattr(1) shows it. */
    @Test
    void usersMayPassAndNobodyElse() {
        assertThat(encoded(4_294_967_294L, 65_536L))
                .isEqualTo("02 00 00 00 01 00 07 00 ff ff ff ff 02 00 01 00 00 00 01 00 02 00 01 00 fe ff ff ff "
                        + "04 00 00 00 ff ff ff ff 10 00 01 00 ff ff ff ff 20 00 00 00 ff ff ff ff");
    }

    @Test
    void withoutUsersItIsTheModeAlone() {
        assertThat(encoded())
                .isEqualTo("02 00 00 00 01 00 07 00 ff ff ff ff 04 00 00 00 ff ff ff ff 20 00 00 00 ff ff ff ff");
    }
}
