package mote.media;

import java.awt.Component;
import java.awt.event.MouseEvent;

/** A person's mouse. */
public final class Clicks {
  private Clicks() {}

  /**
   * Presses a button over a component.
   *
   * @param button of MouseEvent
   */
  public static void click(Component on, int x, int y, int button) {
    int mask = MouseEvent.getMaskForButton(button);
    on.dispatchEvent(new MouseEvent(on, MouseEvent.MOUSE_PRESSED, 0, mask, x, y, 1, false, button));
  }
}
