package mote.engine.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import mote.engine.MoteException;
import mote.engine.convert.TensorReference.Storage;
import mote.engine.convert.TensorReference.StorageType;
import mote.engine.convert.Unpickler.Tuple;
import org.junit.jupiter.api.Test;

/** What a checkpoint may hold, and each way of trying to call something. */
class UnpicklerTest {
  private static final Path PATH = Path.of("in.pth");

  @Test
  void plainValuesAreRead() {
    byte[] pickle =
        new Pickle()
            .raw('}', '(')
            .text("none")
            .raw('N')
            .text("flags")
            .raw(0x88, 0x89, 0x86)
            .text("numbers")
            .raw(']', '(')
            .number(-5)
            .raw('K', 200, 'M', 1, 2, 0x8a, 2, 0, 0x80)
            .raw(0x8a, 0, 'G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 'e')
            .number(7)
            .raw(0x8c, 2, 'o', 'k')
            .raw('u')
            .stop();
    List<Object> numbers = List.of(-5L, 200L, 513L, -32768L, 0L, 1.5);
    Map<?, ?> map = assertInstanceOf(Map.class, Unpickler.read(PATH, pickle));
    assertEquals(List.of("none", "flags", "numbers", 7L), List.copyOf(map.keySet()));
    assertEquals(null, map.get("none"));
    assertEquals(new Tuple(List.of(true, false)), map.get("flags"));
    assertEquals(numbers, map.get("numbers"));
    assertEquals("ok", map.get(7L));
  }

  @Test
  void memoryAndFramesAreFollowed() {
    byte[] pickle =
        new Pickle()
            .raw(0x95)
            .little(99, 8)
            .raw('(')
            .text("a")
            .raw('q', 5, 'h', 5, 0x94, 'j')
            .little(1, 4)
            .raw('2', '0', 't')
            .stop();
    assertEquals(new Tuple(List.of("a", "a", "a")), Unpickler.read(PATH, pickle));
  }

  @Test
  void tensorsAreDescribedNotLoaded() {
    TensorReference expected =
        new TensorReference(new Storage(StorageType.FLOAT, "0", 10), 2, List.of(4L), List.of(2L));
    assertEquals(expected, Unpickler.read(PATH, new Pickle().tensor(10, 2, 4, 2).stop()));
    byte[] parameter =
        new Pickle()
            .global("torch._utils", "_rebuild_parameter")
            .tensor(10, 2, 4, 2)
            .raw(0x88)
            .global("collections", "OrderedDict")
            .raw(')', 'R', 0x87, 'R')
            .stop();
    assertEquals(expected, Unpickler.read(PATH, parameter));
  }

  @Test
  void everyWayToCallSomethingIsRefused() {
    refused("os.system", new Pickle().global("os", "system").text("touch /tmp/x").raw(0x85, 'R'));
    refused("posix.system", new Pickle().raw(0x80, 4).stackGlobal("posix", "system"));
    refused(
        "builtins.eval",
        new Pickle().raw(0x80, 4).stackGlobal("builtins", "eval").text("1").raw(0x85, 'R'));
    refused("__builtin__.exec", new Pickle().global("__builtin__", "exec"));
    refused("torch.load", new Pickle().global("torch", "load"));
    refused("torch.FloatStorage.x", new Pickle().global("torch", "FloatStorage.x"));
    refused("runpy.run_path", new Pickle().raw('(').global("runpy", "run_path").raw('o'));
    refused(
        "posix.system",
        new Pickle().raw('(').text("storage").raw('(').global("posix", "system").raw('t', 'Q'));
    refused("os.system", new Pickle().raw('(').text("id").raw('i').ascii("os\nsystem\n"));
    refused("class instance", new Pickle().raw('(', 'o'));
    Pickle instance = new Pickle().global("collections", "OrderedDict").raw(')');
    refused("class instance by __new__", instance.raw(0x81));
    refused("class instance by __new__", new Pickle().raw('N', ')', '}', 0x92));
    refused("copyreg extension", new Pickle().raw(0x82, 1));
    refused("__setstate__", new Pickle().raw(']', '}', 'b'));
    refused("__setstate__", new Pickle().raw('}').text("state").raw('b'));
    refused("a value", new Pickle().text("callable").raw(')', 'R'));
    refused("a value", new Pickle().storage("0", 3).raw(')', 'R'));
  }

  @Test
  void knownNamesAreRefusedWithOtherArguments() {
    refused(
        "collections.OrderedDict",
        new Pickle().global("collections", "OrderedDict").raw(']', 0x85, 'R'));
    Pickle getattr = new Pickle().global("__builtin__", "getattr");
    String scheduler = "torch.optim.lr_scheduler";
    byte[] name =
        getattr.global(scheduler, "OneCycleLR").text("_annealing_cos").raw(0x86, 'R').stop();
    assertEquals("_annealing_cos", Unpickler.read(PATH, name));
    refused(
        "__builtin__.getattr",
        new Pickle()
            .global("builtins", "getattr")
            .global(scheduler, "OneCycleLR")
            .text("__init__")
            .raw(0x86, 'R'));
    refused(
        "__builtin__.getattr",
        new Pickle()
            .global("builtins", "getattr")
            .global("collections", "OrderedDict")
            .text("_annealing_cos")
            .raw(0x86, 'R'));
    refused(
        "torch.optim.lr_scheduler.OneCycleLR",
        new Pickle().global(scheduler, "OneCycleLR").raw(')', 'R'));
    refused(
        "torch._utils._rebuild_parameter",
        new Pickle().global("torch._utils", "_rebuild_parameter").text("x").raw(0x85, 'R'));
  }

  @Test
  void tensorsBeyondTheirStorageAreRefused() {
    malformed("a tensor that lies beyond its storage 0", new Pickle().tensor(10, 0, 11, 1));
    malformed("a tensor that lies beyond its storage 0", new Pickle().tensor(10, 8, 2, 2));
    int huge = Integer.MAX_VALUE;
    malformed("a tensor that lies beyond its storage 0", new Pickle().tensor(10, huge, huge, huge));
    malformed("a shape that is not of sizes", new Pickle().tensor(10, 0, -1, 1));
    malformed("a shape that is not of sizes", new Pickle().tensor(10, 0, 1, -1));
    malformed("a tensor without storage", new Pickle().tensor(10, -1, 1, 1));
    malformed("an outer object that is no storage", new Pickle().storage("0", -1));
    malformed("an outer object that is no storage", new Pickle().storage("../0", 1));
    malformed("an outer object that is no storage", new Pickle().raw(')', 'Q'));
  }

  @Test
  void unsoundPicklesAreRefused() {
    malformed("its end", new Pickle().raw('X').little(0xffff_ffffL, 4));
    malformed("its end", new Pickle().raw(0x8d).little(Long.MAX_VALUE, 8));
    malformed("its end", new Pickle().raw(0x8d).little(-1, 8));
    malformed("an integer of 4294967295 bytes", new Pickle().raw(0x8b).little(0xffff_ffffL, 4));
    malformed("an integer of 9 bytes", new Pickle().raw(0x8a, 9));
    malformed("a memory that was never filled", new Pickle().raw('j').little(0xffff_ffffL, 4));
    malformed("an operation without its value", new Pickle().raw('R'));
    malformed("an operation without its value", new Pickle().raw('(', '0'));
    malformed("an end without its beginning", new Pickle().raw('t'));
    malformed("values that belong to nothing", new Pickle().raw('N', 'N'));
    malformed("an operation without its value", new Pickle());
    malformed("items of something that is no list", new Pickle().raw('}', 'N', 'a'));
    malformed("items of something that is no dictionary", new Pickle().raw(']', 'N', 'N', 's'));
    malformed("items of something that is no dictionary", new Pickle().raw('}', '(', 'N', 'u'));
    malformed("a key that is no text or number", new Pickle().raw('}', ']', 'N', 's'));
    malformed("a key that is no text or number", new Pickle().raw('}', 'N', 'N', 's'));
    malformed("text that is not UTF-8", new Pickle().raw(0x8c, 1, 0xff));
    malformed("a name that does not end", new Pickle().raw('c').ascii("a".repeat(300) + "\nb\n"));
    malformed("operation 0xff", new Pickle().raw(0xff));
    malformed("protocol 6", new Pickle().raw(0x80, 6));
    malformed("arguments that are no tuple", new Pickle().raw('N', 'N', 'R'));
    malformed("a name that is no text", new Pickle().raw('N', 'N', 0x93));
  }

  @Test
  void bombsEndSoon() {
    malformed(
        "more than 1000000 operations",
        new Pickle().raw(']').raw(repeat(Unpickler.MOST_OPERATIONS, '2')));
    Pickle deep = new Pickle().raw(repeat(400_000, ']')).raw(repeat(399_999, 'a'));
    assertInstanceOf(List.class, Unpickler.read(PATH, deep.stop()));
    byte[] self = new Pickle().raw(']', 'q', 0, 'h', 0, 'a').stop();
    assertInstanceOf(List.class, Unpickler.read(PATH, self));
    Pickle laughs = new Pickle().raw(']', 'q', 0);
    for (int i = 0; i < 200; i++) {
      laughs.raw(']', '(', 'h', i, 'h', i, 'h', i, 'h', i, 'e', 'q', i + 1);
    }
    laughs.raw(0x85).raw('q', 255, '1');
    assertThrows(MoteException.class, () -> Unpickler.read(PATH, laughs.stop()));
    malformed("an end without its beginning", new Pickle().raw(repeat(300_000, 'N')).raw('t'));
  }

  private static int[] repeat(int times, int operation) {
    int[] operations = new int[times];
    Arrays.fill(operations, operation);
    return operations;
  }

  private static void refused(String callable, Pickle pickle) {
    String message =
        assertThrows(MoteException.class, () -> Unpickler.read(PATH, pickle.stop())).getMessage();
    assertTrue(
        message.matches(
            "checkpoint tries to call something: path=in.pth, offset=\\d+, callable=\"\\Q"
                + callable
                + "\\E\"; nothing was executed, give a checkpoint that holds tensors, plain"
                + " containers and numbers only"),
        message);
  }

  private static void malformed(String found, Pickle pickle) {
    String message =
        assertThrows(MoteException.class, () -> Unpickler.read(PATH, pickle.stop())).getMessage();
    assertTrue(
        message.matches(
            "checkpoint's pickle is malformed: path=in.pth, offset=\\d+, found=\\Q"
                + found
                + "\\E.*; nothing was executed, fetch the file again"),
        message);
  }
}
