package io.intramesh.testing.simulation;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** OkHttp as it comes: one client, one host name with several addresses, nothing set. */
@NullMarked
final class BareOkHttp implements Caller {
    private final Network network;
    private final JvmNames jvm;

    BareOkHttp(Network network) {
        this.network = network;
        this.jvm = new JvmNames(network);
    }

    @Override
    public void call(long number, Consumer<Boolean> done) {
        OkHttpAttempt.Names names = new OkHttpAttempt.Names() {
            @Override
            public List<Integer> addresses() {
                return jvm.lookUp();
            }

            @Override
            public Network.@Nullable Connection takeIdle() {
                return network.takeIdle();
            }
        };
        new OkHttpAttempt(network, Request.of(number, 1), names, new OkHttpAttempt.End() {
                    @Override
                    public void answered(Response response) {
                        done.accept(!response.isServerError());
                    }

                    @Override
                    public void failed(String why) {
                        done.accept(false);
                    }
                })
                .begin(0);
    }

    @Override
    public void close() {}
}
