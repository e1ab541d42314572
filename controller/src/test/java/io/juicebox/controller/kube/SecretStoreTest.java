package io.juicebox.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.juicebox.controller.TestingBackend;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Secret;
import io.juicebox.csi.volume.VolumeId;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against the API server of test/kube, with the rights that the package says and no others. */
@Tag("kube")
class SecretStoreTest {
  private static final VolumeId VOLUME = VolumeId.random(new BackendName("default"));
  private static final String NAME = "pvc-1";

  private TestingApi api;
  private String namespace;
  private SecretStore store;

  @BeforeEach
  void open() {
    api = new TestingApi();
    namespace = api.namespace();
    api.grant();
    store = new SecretStore(api.stranger(), namespace);
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void whatIsKeptFirstCounts() {
    BackendConnection first = credentials();

    assertThat(store.keep(VOLUME, NAME, first)).isEqualTo(first);
    assertThat(store.keep(VOLUME, NAME, credentials())).isEqualTo(first);
    assertThat(store.find(VOLUME, NAME)).contains(first);
    var secret = api.admin.secrets().inNamespace(namespace).withName(NAME).require();
    assertThat(secret.getData()).containsOnlyKeys(first.toKeys().keySet());
  }

  @Test
  void othersTakeTheirPlace() {
    BackendConnection second = credentials();
    store.replace(VOLUME, NAME, credentials());
    api.admin
        .secrets()
        .inNamespace(namespace)
        .withName(NAME)
        .edit(secret ->
            new SecretBuilder(secret).editMetadata().addToLabels("a", "b").endMetadata().build());

    store.replace(VOLUME, NAME, second);

    assertThat(store.find(VOLUME, NAME)).contains(second);
    assertThat(
            api.admin
                .secrets()
                .inNamespace(namespace)
                .withName(NAME)
                .require()
                .getMetadata()
                .getLabels())
        .containsEntry("a", "b");
  }

  @Test
  void removedIsGoneAndMayBeRemovedAgain() {
    var _ = store.keep(VOLUME, NAME, credentials());
    store.remove(VOLUME, NAME);
    store.remove(VOLUME, NAME);
    assertThat(store.find(VOLUME, NAME)).isEmpty();
  }

  @Test
  void aSecretOfSomebodyElseIsLeftAlone() {
    api.admin
        .secrets()
        .inNamespace(namespace)
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(NAME)
                .endMetadata()
                .withStringData(Map.of("their", "key"))
                .build())
        .create();

    assertThatThrownBy(() -> store.keep(VOLUME, NAME, credentials()))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining(namespace + "/" + NAME);
    assertThatThrownBy(() -> store.replace(VOLUME, NAME, credentials()))
        .isInstanceOf(PreconditionFailed.class);
    store.remove(VOLUME, NAME);
    assertThat(api.admin.secrets().inNamespace(namespace).withName(NAME).require().getData())
        .containsOnlyKeys("their");
  }

  @Test
  void aNameThatIsNoneIsRefused() {
    for (String name : new String[] {"../x", "a/b", "Ü", "", "x".repeat(254)}) {
      assertThatThrownBy(() -> store.keep(VOLUME, name, credentials()))
          .isInstanceOf(InvalidRequest.class);
      store.remove(VOLUME, name);
    }
  }

  @Test
  void whoeverMayNotIsTold() {
    try (var ungranted = new TestingApi()) {
      var refused = new SecretStore(ungranted.stranger(), namespace);
      assertThatThrownBy(() -> refused.find(VOLUME, NAME))
          .isInstanceOf(Forbidden.class)
          .hasMessageContaining("Secrets");
    }
  }

  private static BackendConnection credentials() {
    return TestingBackend.of(Map.of())
        .withKeys(VOLUME.value(), Secret.random(), Secret.random(), Secret.random());
  }
}
