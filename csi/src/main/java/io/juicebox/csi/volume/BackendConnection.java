package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How to reach a backend and with which keys. The controller reads it from a directory with a file
 * for each key, a node from the secret of the publish call: the keys have the same names.
 *
 * @param redis {@code redis://host:port} or {@code rediss://host:port}, nothing else in it
 * @param redisUser Redis's default user when empty
 * @param redisPassword may be an empty text for a server without one
 * @param objectEndpoint {@code http://host:port} or {@code https://host[:port]}
 * @param objectRegion the region that requests are signed for
 * @param bucket the bucket for lineages without one of their own; only the controller reads it
 * @param redisTls for an address with TLS
 * @param objectAuthorities those that may have signed the object store's certificate; the system's
 *     when empty
 */
public record BackendConnection(
    URI redis,
    Optional<String> redisUser,
    Secret redisPassword,
    URI objectEndpoint,
    String objectRegion,
    Secret objectAccessKey,
    Secret objectSecretKey,
    String bucket,
    RedisTls redisTls,
    Optional<Certificates> objectAuthorities) {
  /** Where the bucket is not named. */
  public static final String DEFAULT_BUCKET = "juicebox";

  /** The names of all keys. */
  public static final Set<String> KEYS =
      Set.of(
          "redis-address",
          "redis-user",
          "redis-password",
          "object-endpoint",
          "object-region",
          "object-access-key",
          "object-secret-key",
          "bucket",
          TlsKeys.REDIS_CA,
          TlsKeys.REDIS_CERTIFICATE,
          TlsKeys.REDIS_KEY,
          TlsKeys.OBJECT_CA);

  private static final Pattern BUCKET_NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern ACCESS_KEY = Pattern.compile("[!-~]{1,128}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,128}");

  /** Whether S3 takes a text as the name of a bucket. */
  public static boolean isBucketName(String text) {
    return BUCKET_NAME.matcher(text).matches() && !text.contains("..");
  }

  /** All keys with their values in clear, as {@link #from} reads them: for a place that is safe. */
  public Map<String, String> toKeys() {
    var keys = new TreeMap<String, String>();
    keys.put("redis-address", redis.toString());
    redisUser.ifPresent(user -> keys.put("redis-user", user));
    keys.put("redis-password", redisPassword.reveal());
    keys.put("object-endpoint", objectEndpoint.toString());
    keys.put("object-region", objectRegion);
    keys.put("object-access-key", objectAccessKey.reveal());
    keys.put("object-secret-key", objectSecretKey.reveal());
    keys.put("bucket", bucket);
    redisTls.addTo(keys);
    objectAuthorities.ifPresent(them -> keys.put(TlsKeys.OBJECT_CA, them.toPem()));
    return keys;
  }

  /** The same with another Redis. */
  public BackendConnection withRedis(URI address) {
    return new BackendConnection(
        address,
        redisUser,
        redisPassword,
        objectEndpoint,
        objectRegion,
        objectAccessKey,
        objectSecretKey,
        bucket,
        redisTls,
        objectAuthorities);
  }

  /** The same servers and bucket with other keys. */
  public BackendConnection withKeys(
      String user, Secret password, Secret accessKey, Secret secretKey) {
    return new BackendConnection(
        redis,
        Optional.of(user),
        password,
        objectEndpoint,
        objectRegion,
        accessKey,
        secretKey,
        bucket,
        redisTls,
        objectAuthorities);
  }

  /** Whether two connections lead to the same servers, whatever their keys. */
  public boolean sameServers(BackendConnection other) {
    return redis.equals(other.redis) && objectEndpoint.equals(other.objectEndpoint);
  }

  /** The Redis server, as messages name it. */
  public String redisName() {
    return "Redis at " + redis.getAuthority();
  }

  /** The object store, as messages name it. */
  public String objectStoreName() {
    return "the object store at " + objectEndpoint.getAuthority();
  }

  /**
   * Reads the keys of a backend. Values are never part of an error.
   *
   * @param field what the keys stand in, the first word of each error: {@code secrets}
   * @throws InvalidRequest naming the key that is missing, wrong or unknown
   */
  public static BackendConnection from(String field, Map<String, String> keys) {
    var reader = new ParameterReader(field, keys);
    var tls = new TlsKeys(field, reader);
    URI redis =
        address(field, "redis-address", reader.required("redis-address"), "redis", "rediss");
    URI endpoint =
        address(field, "object-endpoint", reader.required("object-endpoint"), "http", "https");
    var connection =
        new BackendConnection(
            redis,
            reader
                .text("redis-user")
                .filter(user -> !user.isEmpty())
                .map(u -> name(field, "redis-user", u)),
            oneLine(field, "redis-password", present(reader, field, "redis-password")),
            endpoint,
            name(field, "object-region", reader.text("object-region").orElse("us-east-1")),
            accessKey(field, reader.required("object-access-key")),
            oneLine(field, "object-secret-key", reader.required("object-secret-key")),
            bucket(field, reader.text("bucket").orElse(DEFAULT_BUCKET)),
            tls.redis(redis),
            tls.objectStore(endpoint));
    reader.refuseUnknown();
    return connection;
  }

  private static String present(ParameterReader reader, String field, String key) {
    return reader.text(key).orElseThrow(() -> new InvalidRequest(field + "." + key, "is missing"));
  }

  private static Secret oneLine(String field, String key, String value) {
    if (value.length() > 1024 || value.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidRequest(
          field + "." + key, "is no line of at most 1,024 characters without control characters");
    }
    return new Secret(value);
  }

  /** It stands in a header of each request, which takes nothing else. */
  private static Secret accessKey(String field, String value) {
    if (!ACCESS_KEY.matcher(value).matches()) {
      throw new InvalidRequest(
          field + ".object-access-key", "is no key of 1 to 128 visible ASCII characters");
    }
    return new Secret(value);
  }

  private static String name(String field, String key, String value) {
    if (!NAME.matcher(value).matches()) {
      throw new InvalidRequest(
          field + "." + key, "is no name of letters, digits, dots, hyphens and underscores");
    }
    return value;
  }

  private static String bucket(String field, String value) {
    if (!isBucketName(value)) {
      throw new InvalidRequest(field + ".bucket", "is no name of a bucket");
    }
    return value;
  }

  private static URI address(String field, String key, String value, String... schemes) {
    try {
      URI uri = new URI(value);
      boolean bare =
          uri.getScheme() != null
              && uri.getHost() != null
              && uri.getUserInfo() == null
              && (uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/"))
              && uri.getQuery() == null
              && uri.getFragment() == null;
      if (bare && Set.of(schemes).contains(uri.getScheme()) && isPort(uri.getPort())) {
        return new URI(uri.getScheme(), null, uri.getHost(), uri.getPort(), null, null, null);
      }
    } catch (URISyntaxException e) {
      // said below, without the value: it may hold a password
    }
    throw new InvalidRequest(
        field + "." + key,
        "is no address of the form %s://host:port without user, password and path"
            .formatted(schemes[0]));
  }

  /** URI takes any number for a port, and -1 for none. */
  private static boolean isPort(int port) {
    return port == -1 || (port > 0 && port <= 65_535);
  }
}
