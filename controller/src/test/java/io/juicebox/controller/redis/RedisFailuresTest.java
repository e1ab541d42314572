package io.juicebox.controller.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.netty.handler.codec.DecoderException;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisFailuresTest {
  private static final RedisFailures FAILURES = new RedisFailures("Redis at 127.0.0.1:6379");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NOAUTH Authentication required.|NOAUTH",
        "WRONGPASS invalid username-password pair or user is disabled.|WRONGPASS",
        "ERR DB index is out of range script: 1abf, on @user_script:1.|ERR",
        "NOPERM User u has no permissions to run the 'set' command script: 1abf, on"
            + " @user_script:1.|NOPERM",
        "ERR Error running script (call to f_1abf): @user_script:1: @user_script: 1: -OOM command"
            + " not allowed when used memory > 'maxmemory'.|OOM",
        "ERR Error running script (call to f_1abf): @user_script:7: LOADING Redis is"
            + " loading|LOADING",
        "ERR The user executing the script can't run this command or subcommand script: a8|NOPERM",
        "what is this|''",
      })
  void codeOfAReplyIsFoundAlsoWithinAScript(String reply, String code) {
    assertThat(RedisFailures.code(reply)).isEqualTo(code);
  }

  @Test
  void aRefusedConnectionSaysSo() {
    var refused =
        new RedisConnectionException(
            "Unable to connect", new CompletionException(new ConnectException("refused")));
    assertThat(FAILURES.of(refused))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessage("Redis at 127.0.0.1:6379 is unavailable: refused");
  }

  @Test
  void aWrongPasswordIsFoundBehindTheFailedConnection() {
    var reply = new RedisCommandExecutionException("WRONGPASS invalid username-password pair");
    assertThat(FAILURES.of(new RedisConnectionException("x", new CompletionException(reply))))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void repliesMeanWhatTheCallerCanActOn() {
    assertThat(replied("NOPERM this user has no permissions")).isInstanceOf(Forbidden.class);
    assertThat(replied("OOM command not allowed")).isInstanceOf(Exhausted.class);
    assertThat(replied("LOADING Redis is loading the dataset in memory"))
        .isInstanceOf(BackendUnavailable.class);
    assertThat(replied("MISCONF Errors writing to the AOF file: No space left on device"))
        .isInstanceOf(BackendUnavailable.class);
    assertThat(replied("ERR Script killed by user with SCRIPT KILL... script: 694a"))
        .isInstanceOf(BackendUnavailable.class);
    assertThat(replied("ERR AUTH <password> called without any password configured for the user"))
        .isInstanceOf(Unauthenticated.class);
    assertThat(replied("WRONGTYPE Operation against a key holding the wrong kind of value"))
        .isInstanceOf(PreconditionFailed.class);
    assertThat(replied("DENIED Redis is running in protected mode")).isInstanceOf(Forbidden.class);
    assertThat(replied("ERR max number of clients reached")).isInstanceOf(BackendUnavailable.class);
    assertThat(FAILURES.of(new RedisException("Connection disconnected")))
        .isInstanceOf(BackendUnavailable.class);
    assertThat(FAILURES.of(new DecoderException("not a reply")))
        .isInstanceOf(BackendUnavailable.class);
  }

  @Test
  void ourOwnMistakesStayWhatTheyAre() {
    assertThat(replied("ERR wrong number of arguments"))
        .isInstanceOf(RedisCommandExecutionException.class);
  }

  private static RuntimeException replied(String reply) {
    return FAILURES.of(new RedisCommandExecutionException(reply));
  }
}
