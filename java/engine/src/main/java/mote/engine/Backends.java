package mote.engine;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Chooses a backend by name, explicitly and in the open. */
public final class Backends {
  private Backends() {}

  /** All providers on the class path, the preferred first. */
  public static List<BackendProvider> all() {
    return ServiceLoader.load(BackendProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparingInt(BackendProvider::rank).reversed())
        .toList();
  }

  /**
   * The provider of that name, or with {@code auto} the best that can be used here.
   *
   * @param choice {@code auto}, {@code reference}, {@code cpu} or {@code cuda}
   * @param log gets one line from {@code auto}: what it took and why not the others
   * @throws MoteException if the named one is missing or cannot be used here
   */
  public static BackendProvider choose(String choice, Consumer<String> log) {
    return choose(choice, all(), log);
  }

  static BackendProvider choose(
      String choice, List<BackendProvider> providers, Consumer<String> log) {
    if (choice.equals("auto")) {
      return automatic(providers, log);
    }
    BackendProvider found =
        providers.stream()
            .filter(provider -> provider.name().equals(choice))
            .findFirst()
            .orElseThrow(
                () ->
                    new MoteException(
                        "backend is not part of this build: backend="
                            + choice
                            + "; use "
                            + names(providers)
                            + " or auto"));
    String refusal = found.unavailable();
    if (refusal != null) {
      throw new MoteException(refusal);
    }
    return found;
  }

  private static BackendProvider automatic(List<BackendProvider> providers, Consumer<String> log) {
    StringBuilder refused = new StringBuilder();
    for (BackendProvider provider : providers) {
      String refusal = provider.unavailable();
      if (refusal == null) {
        String slow = provider.name().equals("reference") ? " (plain Java: the slow one)" : "";
        log.accept("backend: " + provider.name() + slow + refused);
        return provider;
      }
      refused.append("; not ").append(provider.name()).append(": ").append(refusal);
    }
    throw new MoteException("no backend can be used here: tried=" + names(providers) + refused);
  }

  private static String names(List<BackendProvider> providers) {
    return providers.stream().map(BackendProvider::name).collect(Collectors.joining(", "));
  }
}
