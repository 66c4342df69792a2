package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.image.layer.KernelLayers.FileSystems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelLayersTest {
    private static final FileSystems WITH_EROFS = name -> assertThat(name).isEqualTo("erofs");

    private static FileSystems refusing(int why) {
        return name -> {
            throw new LinuxException("fsopen", why, name);
        };
    }

    @Test
    void treesAreStoredWhereTheKernelHasNoErofs() {
        assertThat(KernelLayers.hasErofs(WITH_EROFS)).isTrue();
        assertThat(KernelLayers.choose(LayerKind.AUTO, WITH_EROFS)).isEqualTo(LayerKind.AUTO);

        assertThat(KernelLayers.hasErofs(refusing(Errno.ENODEV))).isFalse();
        assertThat(KernelLayers.choose(LayerKind.AUTO, refusing(Errno.ENODEV))).isEqualTo(LayerKind.DIRECTORY);
    }

    /** Who lacks a right has not found out that there is no EROFS: layers must not change their kind for that. */
    @Test
    void anotherAnswerIsNone() {
        assertThatThrownBy(() -> KernelLayers.choose(LayerKind.AUTO, refusing(Errno.EPERM)))
                .isInstanceOf(LinuxException.class);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void whatIsSetIsNotAskedOfTheKernel(LayerKind setting) {
        assertThat(KernelLayers.choose(setting, refusing(Errno.EPERM))).isEqualTo(setting);
    }
}
