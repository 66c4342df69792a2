package io.keelson.e2e;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.RuntimeServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One call of the API, whichever it is. */
record Rpc(MethodDescriptor<Message, Message> method) {
    /** What came back: how it ended, and the messages until then. */
    record Answer(Status status, List<Message> messages) {
        boolean isOk() {
            return status.isOk();
        }

        Code code() {
            return status.getCode();
        }

        String words() {
            return String.valueOf(status.getDescription());
        }
    }

    /** All that there are. */
    static List<Rpc> all() {
        return Stream.of(RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())
                .map(ServiceDescriptor::getMethods)
                .flatMap(methods -> methods.stream())
                .map(Rpc::of)
                .toList();
    }

    @SuppressWarnings("unchecked") // Every request and response of a protobuf service is a message.
    private static Rpc of(MethodDescriptor<?, ?> method) {
        return new Rpc((MethodDescriptor<Message, Message>) method);
    }

    String name() {
        return String.valueOf(method.getBareMethodName());
    }

    /** A request with nothing in it. */
    Message empty() {
        if (method.getRequestMarshaller() instanceof PrototypeMarshaller<Message> marshaller) {
            return Objects.requireNonNull(marshaller.getMessagePrototype());
        }
        throw new AssertionError(name() + " has no request");
    }

    Answer call(Channel channel, Message request) {
        return call(channel, method, request);
    }

    static <Q, R> Answer call(Channel channel, MethodDescriptor<Q, R> method, Q request) {
        var messages = new ArrayList<Message>();
        try {
            ClientCalls.blockingServerStreamingCall(
                            channel,
                            method,
                            CallOptions.DEFAULT.withDeadlineAfter(Requests.DEADLINE.toMillis(), TimeUnit.MILLISECONDS),
                            request)
                    .forEachRemaining(reply -> {
                        if (reply instanceof Message message) {
                            messages.add(message);
                        }
                    });
            return new Answer(Status.OK, messages);
        } catch (StatusRuntimeException e) {
            return new Answer(e.getStatus(), messages);
        }
    }
}
