package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("trap-6")
class AnswerLimitTest {
    /** 16777152 is the limit: bytes of stdout and stderr, and what is kept of them. */
    @ParameterizedTest
    @CsvSource({
        "16777152, 0, 16777152, 0",
        "16777153, 0, 16777152, 0",
        "0, 16777153, 0, 16777152",
        "8388576, 8388576, 8388576, 8388576",
        "8388577, 8388576, 8388576, 8388576",
        "16777152, 1, 16777151, 1",
        "1, 16777152, 1, 16777151",
        "16777216, 16777216, 8388576, 8388576"
    })
    void ofTwoStreamsThatAreTooLongTogetherTheLongerGivesWay(int out, int err, int keptOut, int keptErr) {
        var cut = AnswerLimit.cut(new ExecSync.Result(3, new byte[out], new byte[err], false));

        assertThat(cut.stdout().length).isEqualTo(keptOut);
        assertThat(cut.stderr().length).isEqualTo(keptErr);
        assertThat(cut.isTruncated()).isEqualTo(out + err > AnswerLimit.BYTES);
        assertThat(cut.exitCode()).isEqualTo(3);
    }
}
