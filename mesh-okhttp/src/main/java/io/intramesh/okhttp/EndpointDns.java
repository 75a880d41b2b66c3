package io.intramesh.okhttp;

import io.intramesh.call.Endpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Dns;

/** Answers for any host with the addresses of one endpoint. One object per endpoint: OkHttp's pool tells them apart by it. */
final class EndpointDns implements Dns {
    private final Endpoint endpoint;

    EndpointDns(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public List<InetAddress> lookup(String hostname) throws UnknownHostException {
        List<InetAddress> addresses = endpoint.addresses();
        if (addresses.isEmpty()) {
            throw new UnknownHostException(
                    "endpoint " + endpoint + " of virtual node '" + endpoint.virtualNode() + "' has no address");
        }
        return addresses;
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
