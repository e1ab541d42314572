package io.juicebox.controller.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.input.Texts;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is read from a volume's number, where whoever has its keys may write anything. */
final class MetaPropertiesTest {
  private static final String SETTING =
      """
      {"Name": "default-abcdefghij0123456789", "UUID": "0b7f3c1e-9d58-4c0a-8f1e-2a3b4c5d6e7f",
       "Bucket": "http://127.0.0.1:9000/juicebox", "Capacity": 1073741824, "Inodes": 1000}\
      """;

  private static final String INFO =
      "{\"HostName\":\"node-a\",\"MountPoint\":\"/m\",\"ProcessID\":17601}";

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Texts.any(), Texts.near(Arbitraries.of(SETTING, INFO, "k1000000000001_4194304", "17")));
  }

  @Property
  void anyTextIsASettingOrNone(@ForAll("texts") String text) {
    FilesystemSetting.parse(text)
        .ifPresent(setting -> {
          var changed = FilesystemSetting.parse(FilesystemSetting.withCapacity(text, 4096));
          assertThat(changed)
              .hasValue(
                  new FilesystemSetting(
                      setting.uuid(), setting.name(), setting.bucket(), 4096, setting.inodes()));
        });
  }

  @Property
  void anyTextsAreASession(@ForAll("texts") String id, @ForAll("texts") String info) {
    assertThat(Session.parse(id, info).id()).isEqualTo(id);
  }

  @Property
  void anyTextIsASliceOrNone(@ForAll("texts") String text) {
    Slice.parse(text).ifPresent(slice -> assertThat(slice.field()).isEqualTo(text));
  }
}
