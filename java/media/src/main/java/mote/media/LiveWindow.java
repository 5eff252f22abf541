package mote.media;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.EventQueue;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ArrayBlockingQueue;
import javax.swing.JComponent;
import javax.swing.JFrame;
import javax.swing.SwingUtilities;
import mote.engine.MoteException;

/**
 * A window with the newest picture of something live. A left click asks for a point, a right click
 * for the removal of the nearest; whoever tracks takes these wishes. A picture that comes while the
 * last is still being painted is left out.
 */
public final class LiveWindow implements AutoCloseable {
  /** Distance on the screen within which a right click finds a point. */
  private static final double CATCH_RADIUS = 14;

  private static final int MOST_WISHES = 256;

  /**
   * What a click asked for.
   *
   * @param frame that was shown
   * @param x pixels of that frame, clamped to the picture
   * @param y likewise
   * @param removal whether the nearest point is to go, instead of a new one to come
   * @param radius pixels within which a point is near enough for removal
   */
  public record Wish(long frame, float x, float y, boolean removal, float radius) {}

  private final ArrayBlockingQueue<Wish> wishes = new ArrayBlockingQueue<>(MOST_WISHES);
  private final View view = new View();
  private JFrame window;
  private volatile boolean closing;

  /**
   * Opens a window.
   *
   * @param title the source's name
   * @throws MoteException where there is no display
   */
  public static LiveWindow open(String title, int height, int width) {
    requireDisplay();
    LiveWindow opened = new LiveWindow(height, width);
    onSwing(() -> opened.show(title));
    return opened;
  }

  /**
   * Says early whether a window can be opened.
   *
   * @throws MoteException where there is no display
   */
  public static void requireDisplay() {
    if (!PointPicker.hasDisplay()) {
      throw new MoteException(
          "there is no display for a window: DISPLAY=%s; leave the window out and serve the pictures to a browser"
              .formatted(System.getenv("DISPLAY")));
    }
  }

  /** What of the window works without a display. */
  LiveWindow(int height, int width) {
    view.setPreferredSize(new Dimension(width, height));
    view.addMouseListener(
        new MouseAdapter() {
          @Override
          public void mousePressed(MouseEvent event) {
            Wish wish = view.wish(event);
            if (wish != null) {
              wishes.offer(wish); // more than so many nobody means
            }
          }
        });
  }

  private void show(String title) {
    window = new JFrame("mote live: " + title);
    window.setDefaultCloseOperation(JFrame.DO_NOTHING_ON_CLOSE);
    window.addWindowListener(
        new WindowAdapter() {
          @Override
          public void windowClosing(WindowEvent event) {
            closing = true;
          }
        });
    window.add(view);
    window.pack();
    window.setLocationByPlatform(true);
    window.setVisible(true);
  }

  /** Whether the person closed the window. */
  public boolean isClosing() {
    return closing;
  }

  /** The next wish, null where there is none. */
  public Wish poll() {
    return wishes.poll();
  }

  /**
   * Shows a picture unless the last one is still being painted.
   *
   * @param rgb height * width RGB triples; copied
   */
  public void offer(long frame, MemorySegment rgb, int height, int width) {
    if (view.take(frame, rgb, height, width)) {
      view.repaint();
    }
  }

  /** The component, for tests without a display. */
  JComponent view() {
    return view;
  }

  @Override
  public void close() {
    if (window != null) {
      onSwing(window::dispose);
    }
  }

  private static void onSwing(Runnable work) {
    try {
      EventQueue.invokeAndWait(work);
    } catch (InterruptedException | InvocationTargetException e) {
      throw new MoteException("window failed: cause=" + e + "; leave the window out", e);
    }
  }

  /** The picture, as large as the window allows. */
  private static final class View extends JComponent {
    private static final long serialVersionUID = 1;

    private transient BufferedImage picture;

    /** Looked at without the lock: who tracks must not wait for a picture that is painted. */
    private transient volatile boolean painted = true;

    private long frame;

    boolean take(long newFrame, MemorySegment rgb, int height, int width) {
      if (!painted) {
        return false;
      }
      put(newFrame, rgb, height, width);
      return true;
    }

    private synchronized void put(long newFrame, MemorySegment rgb, int height, int width) {
      if (picture == null || picture.getHeight() != height || picture.getWidth() != width) {
        picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
      }
      byte[] bgr = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
      MemorySegment.copy(rgb, ValueLayout.JAVA_BYTE, 0, bgr, 0, bgr.length);
      for (int i = 0; i < bgr.length; i += 3) {
        byte red = bgr[i];
        bgr[i] = bgr[i + 2];
        bgr[i + 2] = red;
      }
      frame = newFrame;
      painted = false;
    }

    synchronized Wish wish(MouseEvent event) {
      boolean removal = SwingUtilities.isRightMouseButton(event);
      if (picture == null || !removal && !SwingUtilities.isLeftMouseButton(event)) {
        return null;
      }
      double scale = scale();
      float x = (float) ((event.getX() - left()) / scale - 0.5);
      float y = (float) ((event.getY() - top()) / scale - 0.5);
      float right = picture.getWidth() - 0.5f;
      float bottom = picture.getHeight() - 0.5f;
      if (!(x >= -0.5f && x < right && y >= -0.5f && y < bottom)) {
        return null;
      }
      return new Wish(
          frame,
          Math.clamp(x, 0, right - 0.5f),
          Math.clamp(y, 0, bottom - 0.5f),
          removal,
          (float) (CATCH_RADIUS / scale));
    }

    private double scale() {
      return Math.min(
          (double) getWidth() / picture.getWidth(), (double) getHeight() / picture.getHeight());
    }

    private double left() {
      return (getWidth() - picture.getWidth() * scale()) / 2;
    }

    private double top() {
      return (getHeight() - picture.getHeight() * scale()) / 2;
    }

    @Override
    protected synchronized void paintComponent(Graphics graphics) {
      Graphics2D g = (Graphics2D) graphics.create();
      try {
        g.setColor(new Color(0x1b1f24));
        g.fillRect(0, 0, getWidth(), getHeight());
        if (picture != null) {
          g.setRenderingHint(
              RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
          AffineTransform place = AffineTransform.getTranslateInstance(left(), top());
          place.scale(scale(), scale());
          g.drawImage(picture, place, null);
        }
        painted = true;
      } finally {
        g.dispose();
      }
    }
  }
}
