package io.juicebox.test.isolation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.net.URLEncoder;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A secret that was planted, and is looked for in every form that a program may give it.
 *
 * @param what it is, for messages
 * @param forms as it is, its longer parts of letters and digits alone, as JSON, in a URL, as
 *     hexadecimal digits, and as base64 in a text that may have something before and behind it
 */
public record Marker(String what, Set<String> forms) {
  /** As long as nobody writes by chance. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9]{20,}");

  public static Marker of(String what, String secret) {
    byte[] bytes = secret.getBytes(UTF_8);
    var forms = new TreeSet<String>();
    // What no escape changes, Go's of & in JSON and of $ in URLs included.
    PLAIN.matcher(secret).results().map(MatchResult::group).forEach(forms::add);
    forms.add(secret);
    forms.add(new String(JsonStringEncoder.getInstance().quoteAsString(secret)));
    forms.add(URLEncoder.encode(secret, UTF_8));
    forms.add(URLEncoder.encode(secret, UTF_8).replace("+", "%20"));
    forms.add(HexFormat.of().formatHex(bytes));
    forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
    for (int before = 0; before < 3; before++) {
      forms.add(base64(Base64.getEncoder(), bytes, before));
      forms.add(base64(Base64.getUrlEncoder(), bytes, before));
    }
    return new Marker(what, forms);
  }

  /** What of it is the same whatever the bytes around it are: three become four digits. */
  private static String base64(Base64.Encoder encoder, byte[] bytes, int before) {
    int from = before == 0 ? 0 : 3 - before;
    int length = (bytes.length - from) / 3 * 3;
    return encoder.encodeToString(Arrays.copyOfRange(bytes, from, from + length));
  }

  /** Whether a text has it in any of its forms. */
  public boolean isIn(String text) {
    return forms.stream().anyMatch(text::contains);
  }

  @Override
  public String toString() {
    return what; // the reports of a failed test are logs, too
  }
}
