package io.intramesh.discovery.cloudmap;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.CloudMap;
import io.intramesh.registry.EndpointCatalog;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Query;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.servicediscovery.model.DiscoverInstancesResponse;
import software.amazon.awssdk.services.servicediscovery.model.HealthStatus;
import software.amazon.awssdk.services.servicediscovery.model.HttpInstanceSummary;

/*
 * What to ask. DiscoverInstances brings the list, and a revision that grows whenever an instance comes or goes.
 * DiscoverInstancesRevision brings only that, has three times the quota [1] and a few bytes for an answer. But the health of
 * instances does not move the revision [2]: it is only asked where no instance has a health, which is so where the Cloud Map
 * service has no health check (the App Mesh controller's default), and once a minute the list is fetched all the same, so that
 * a mistake of ours about it cannot last. Where the caller may not ask for the revision, the list is fetched each time.
 *
 * [1] AWS Cloud Map Developer Guide, "Service quotas": 3,000/s against 1,000/s for DiscoverInstances.
 * [2] AWS Cloud Map API reference, DiscoverInstancesRevision, InstancesRevision.
 */

/** Cloud Map as a registry that is asked. */
final class CloudMapCatalog implements EndpointCatalog {
    private static final Logger log = LoggerFactory.getLogger(CloudMapCatalog.class);
    private static final Duration LONGEST_WITHOUT_LIST = Duration.ofMinutes(1);

    private final CloudMapClient client;
    private final CloudMapHealth health;
    private final int questionsPerList;

    CloudMapCatalog(CloudMapClient client, CloudMapEndpointSource.Builder settings) {
        this.client = client;
        this.health = settings.health;
        this.questionsPerList = (int) Math.max(1, LONGEST_WITHOUT_LIST.dividedBy(settings.interval));
    }

    @Override
    public boolean supports(ServiceDiscovery discovery) {
        return discovery instanceof CloudMap;
    }

    @Override
    public Lookup lookup(Query query) {
        if (!(query.discovery() instanceof CloudMap service)) {
            throw new IllegalArgumentException("discovery: " + query.discovery() + " (expected: awsCloudMap)");
        }
        return new CloudMapLookup(query, service);
    }

    @Override
    public void close() {
        client.close();
    }

    /** One virtual node. */
    private final class CloudMapLookup implements Lookup {
        private final Query query;
        private final CloudMap service;

        private @Nullable Long revision;
        private List<Found> last = List.of();
        private int questionsLeft;
        private String leftOut = "";

        CloudMapLookup(Query query, CloudMap service) {
            this.query = query;
            this.service = service;
        }

        @Override
        public List<Found> find() throws IOException {
            if (revision != null && questionsLeft > 0) {
                questionsLeft--;
                if (revision.equals(client.revision(service))) {
                    return last;
                }
            }
            DiscoverInstancesResponse answer = client.discover(service, health.filter());
            Instances instances = new Instances(query, answer.instances());
            tell(instances);
            last = instances.found();
            boolean hasHealth = last.isEmpty()
                    || answer.instances().stream()
                            .map(HttpInstanceSummary::healthStatus)
                            .anyMatch(status -> status == HealthStatus.HEALTHY || status == HealthStatus.UNHEALTHY);
            revision = hasHealth ? null : answer.instancesRevision();
            questionsLeft = questionsPerList - 1;
            return last;
        }

        /** Says once which instances nobody can call. */
        private void tell(Instances instances) throws IOException {
            String problem = instances.problem();
            if (problem != null && instances.found().isEmpty()) {
                throw new IOException("serviceDiscovery.awsCloudMap " + service.namespaceName() + "/"
                        + service.serviceName() + ": no instance can be called: " + problem);
            }
            String now = problem == null ? "" : problem;
            if (!now.equals(leftOut) && !now.isEmpty()) {
                log.info("instances left out virtualNode={} problem=\"{}\"", query.virtualNode(), now);
            }
            leftOut = now;
        }
    }
}
