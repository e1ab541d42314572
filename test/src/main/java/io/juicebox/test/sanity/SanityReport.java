package io.juicebox.test.sanity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * What csi-sanity wrote about one run.
 *
 * @param passed how many specs passed
 * @param failed the names of those that failed
 * @param skipped those that were skipped, with the reason csi-sanity gave
 * @param pending those that csi-sanity itself has switched off for everybody
 */
record SanityReport(int passed, List<String> failed, List<Skip> skipped, List<String> pending) {

  /** A skipped spec; the reason names the capability that the driver does not have. */
  record Skip(String spec, String reason) {}

  /** Reads a JUnit report of Ginkgo. */
  static SanityReport read(Path file) {
    var passed = 0;
    var failed = new ArrayList<String>();
    var skipped = new ArrayList<Skip>();
    var pending = new ArrayList<String>();
    for (var test : tests(file)) {
      var name = test.getAttribute("name").replace("[It] ", "");
      switch (test.getAttribute("status")) {
        case "passed" -> {
          // Suite nodes (BeforeSuite, report nodes) are no specs.
          if (test.getAttribute("name").startsWith("[It]")) {
            passed++;
          }
        }
        case "pending" -> pending.add(name);
        case "skipped" -> skipped.add(new Skip(name, reason(test)));
        default -> failed.add(name);
      }
    }
    return new SanityReport(passed, failed, skipped, pending);
  }

  private static String reason(Element test) {
    var skips = test.getElementsByTagName("skipped");
    var message = skips.getLength() == 0 ? "" : ((Element) skips.item(0)).getAttribute("message");
    return message.replaceFirst("^skipped - ", "");
  }

  private static List<Element> tests(Path file) {
    try {
      var nodes =
          DocumentBuilderFactory.newDefaultInstance()
              .newDocumentBuilder()
              .parse(file.toFile())
              .getElementsByTagName("testcase");
      var tests = new ArrayList<Element>();
      for (var i = 0; i < nodes.getLength(); i++) {
        tests.add((Element) nodes.item(i));
      }
      return tests;
    } catch (IOException | SAXException | ParserConfigurationException e) {
      throw new IllegalStateException("csi-sanity left no report that can be read: " + file, e);
    }
  }
}
