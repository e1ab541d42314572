package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import io.minio.MinioClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Keys of the cluster's only backend, and its servers as this machine reaches them. */
final class BackendSecret {
  private static final String ADMINISTRATOR = "juicebox-backend";

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

  /** What nobody but its holders may know: the passwords. */
  List<String> secrets() {
    return List.of(redisPassword(), key("object-secret-key"));
  }

  String redisUser() {
    return key("redis-user");
  }

  /** Host and port as pods see them. */
  String redisAddress() {
    return URI.create(key("redis-address")).getAuthority();
  }

  /** Host and port as pods see them. */
  String objectAddress() {
    return URI.create(key("object-endpoint")).getAuthority();
  }

  String redisPassword() {
    return key("redis-password");
  }

  /** Whether Redis takes a user's password now. */
  boolean opensRedis(String user, String password) {
    var address = redis();
    address.setCredentialsProvider(new StaticCredentialsProvider(user, password.toCharArray()));
    var client = RedisClient.create(address);
    try (var _ = client.connect()) {
      return true;
    } catch (RedisConnectionException e) {
      if (String.valueOf(e.getCause()).contains("WRONGPASS")) {
        return false;
      }
      throw e;
    } finally {
      client.shutdown(0, 0, TimeUnit.SECONDS);
    }
  }

  @Override
  public String toString() {
    return name;
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
