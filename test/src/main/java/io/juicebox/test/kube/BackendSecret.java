package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.minio.MinioClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Keys of the cluster's only backend, and its servers as this machine reaches them. */
final class BackendSecret {
  private static final String ADMINISTRATOR = "juicebox-backend";

  private static final String REDIS_PASSWORD = "redis-password";

  private final Cluster cluster;
  private final String name;

  private BackendSecret(Cluster cluster, String name) {
    this.cluster = cluster;
    this.name = name;
  }

  /** The controller's keys. */
  static BackendSecret administrator(Cluster cluster) {
    return new BackendSecret(cluster, ADMINISTRATOR);
  }

  /** A volume's own, by the name of its PersistentVolume. */
  static BackendSecret ofVolume(Cluster cluster, String name) {
    return new BackendSecret(cluster, name);
  }

  RedisURI redis() {
    var address = reachable("redis-address");
    return RedisURI.builder()
        .withHost(address.getHost())
        .withPort(address.getPort())
        .withPassword(redisPassword().toCharArray())
        .build();
  }

  MinioClient objects() {
    return MinioClient.builder()
        .endpoint(reachable("object-endpoint").toString())
        .credentials(key("object-access-key"), key("object-secret-key"))
        .region("us-east-1")
        .build();
  }

  String redisPassword() {
    return key(REDIS_PASSWORD);
  }

  /** Has Redis take another password, too. */
  void addRedisPassword(String password) {
    change(AclSetuserArgs.Builder.addPassword(password));
  }

  /** Has Redis take a password no more; who is connected stays so. */
  void removeRedisPassword(String password) {
    change(AclSetuserArgs.Builder.removePassword(password));
  }

  /** Whoever reads the Secret from now on connects with this one. */
  void useRedisPassword(String password) {
    var text = Base64.getEncoder().encodeToString(password.getBytes(StandardCharsets.UTF_8));
    var _ = secret().edit(it -> new SecretBuilder(it).addToData(REDIS_PASSWORD, text).build());
  }

  private void change(AclSetuserArgs change) {
    var client = RedisClient.create(administrator(cluster).redis());
    try (var connection = client.connect()) {
      var _ = connection.sync().aclSetuser(key("redis-user"), change);
    } finally {
      client.shutdown(0, 0, TimeUnit.SECONDS);
    }
  }

  private String key(String key) {
    var text = Objects.requireNonNull(secret().require().getData().get(key), key);
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  /** Names of services resolve in pods only; their addresses work here, too. */
  private URI reachable(String key) {
    var address = URI.create(key(key));
    var ip =
        cluster
            .client()
            .services()
            .inNamespace(Cluster.DRIVER_NAMESPACE)
            .withName(address.getHost().split("\\.", -1)[0])
            .require()
            .getSpec()
            .getClusterIP();
    return URI.create(address.getScheme() + "://" + ip + ":" + address.getPort());
  }

  private Resource<Secret> secret() {
    return cluster.client().secrets().inNamespace(Cluster.DRIVER_NAMESPACE).withName(name);
  }
}
