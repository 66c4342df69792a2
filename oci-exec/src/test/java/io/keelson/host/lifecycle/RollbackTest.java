package io.keelson.host.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollbackTest {
    private final List<String> undone = new ArrayList<>();

    @Test
    void stepsAreTakenBackInReverseOrder() {
        try (var undo = new Rollback()) {
            undo.add("first", () -> undone.add("first"));
            undo.add("second", () -> undone.add("second"));
        }

        assertThat(undone).containsExactly("second", "first");
    }

    @Test
    void whatIsCommittedStays() {
        try (var undo = new Rollback()) {
            undo.add("first", () -> undone.add("first"));
            undo.commit();
        }

        assertThat(undone).isEmpty();
    }

    @Test
    void whatIsAddedAfterTheCommitIsTakenBack() {
        try (var undo = new Rollback()) {
            undo.add("first", () -> undone.add("first"));
            undo.commit();
            undo.add("second", () -> undone.add("second"));
        }

        assertThat(undone).containsExactly("second");
    }

    @Test
    void aStepThatFailsIsReportedAndDoesNotStopTheOthers() {
        var undo = new Rollback();
        undo.add("first", () -> undone.add("first"));
        undo.add("second", () -> {
            throw new IOException("on purpose");
        });
        undo.add("third", () -> undone.add("third"));

        undo.close();

        assertThat(undone).containsExactly("third", "first");
        assertThat(undo.failed()).containsExactly("second");
    }

    @Test
    void theOriginalFailureIsTheOneThatIsThrown() {
        assertThatThrownBy(() -> {
                    try (var undo = new Rollback()) {
                        undo.add("first", () -> {
                            throw new IOException("while undoing");
                        });
                        throw new IllegalStateException("the reason");
                    }
                })
                .hasMessage("the reason")
                .hasNoSuppressedExceptions();
    }

    @Test
    void closingTwiceUndoesOnce() {
        var undo = new Rollback();
        undo.add("first", () -> undone.add("first"));

        undo.close();
        undo.close();

        assertThat(undone).containsExactly("first");
    }

    @Test
    void anInterruptDoesNotDisturbTheWayBackAndIsKept() {
        var seen = new ArrayList<Boolean>();
        Thread.currentThread().interrupt();

        try (var undo = new Rollback()) {
            undo.add("first", () -> seen.add(Thread.currentThread().isInterrupted()));
        }

        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).containsExactly(false);
    }
}
