package mote.media;

import java.awt.AWTError;
import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import java.awt.HeadlessException;
import java.awt.Toolkit;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import javax.swing.AbstractAction;
import javax.swing.Action;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.JOptionPane;
import javax.swing.JPanel;
import javax.swing.JSlider;
import javax.swing.KeyStroke;
import mote.engine.MoteException;

/**
 * A window to pick points on any frame of a video: a click adds a point, a right click removes the
 * nearest one, Ctrl+Z the last; arrow keys and the slider go through the frames; Save or Ctrl+S
 * writes the points file.
 */
public final class PointPicker {
  private final Path file;
  private final FrameSeeker seeker;
  private final PickedPoints points;
  private final ExecutorService decoding =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("mote-pick-decode").daemon().unstarted(task));

  /** The frame that was asked for last: older wishes are dropped. */
  private final AtomicLong wanted = new AtomicLong();

  private final CountDownLatch over = new CountDownLatch(1);
  private final JFrame window;
  private final PickerCanvas canvas;
  private final JSlider slider;
  private final JLabel status = new JLabel(" ");
  private int savedPoints;

  /** Whether this process can open a window. */
  public static boolean hasDisplay() {
    if (GraphicsEnvironment.isHeadless()) {
      return false;
    }
    try {
      return GraphicsEnvironment.getLocalGraphicsEnvironment().getScreenDevices().length > 0;
    } catch (HeadlessException | AWTError e) {
      return false;
    }
  }

  /**
   * Opens the window and waits until it is closed.
   *
   * @param video a file or folder
   * @param file where Save writes: header {@code x,y,frame}, a line a point
   * @return points in the file when the window was closed, 0 if nothing was saved
   * @throws MoteException if the video cannot be read or there is no display
   */
  public static int pick(Path video, Path file) {
    if (!hasDisplay()) {
      throw new MoteException(
          "there is no display to pick points on: DISPLAY=%s; use the picture with a grid instead"
              .formatted(System.getenv("DISPLAY")));
    }
    FrameSeeker seeker = new FrameSeeker(video);
    try {
      BufferedImage first = seeker.picture(0);
      PointPicker[] picker = new PointPicker[1];
      EventQueue.invokeAndWait(() -> picker[0] = new PointPicker(video, file, seeker, first));
      picker[0].over.await();
      picker[0].decoding.shutdown();
      picker[0].decoding.awaitTermination(1, java.util.concurrent.TimeUnit.HOURS);
      return picker[0].savedPoints;
    } catch (InterruptedException | java.lang.reflect.InvocationTargetException e) {
      throw new MoteException(
          "picking points was interrupted: file=%s, cause=%s; run it again".formatted(file, e), e);
    } finally {
      seeker.close();
    }
  }

  PointPicker(Path video, Path file, FrameSeeker seeker, BufferedImage first) {
    this.file = file;
    this.seeker = seeker;
    points = new PickedPoints(seeker.height(), seeker.width());
    canvas = new PickerCanvas(points, first, this::refresh);
    slider = new JSlider(0, Math.clamp(seeker.frames() - 1, 0, Integer.MAX_VALUE), 0);
    slider.addChangeListener(event -> show(slider.getValue()));
    window = new JFrame("mote pick: " + video.getFileName());
    window.setDefaultCloseOperation(JFrame.DO_NOTHING_ON_CLOSE);
    window.addWindowListener(
        new WindowAdapter() {
          @Override
          public void windowClosing(WindowEvent event) {
            leave();
          }
        });
    window.add(canvas, BorderLayout.CENTER);
    window.add(controls(), BorderLayout.SOUTH);
    bindKeys();
    refresh();
    window.pack();
    Dimension screen = Toolkit.getDefaultToolkit().getScreenSize();
    window.setSize(
        Math.min(window.getWidth(), screen.width * 9 / 10),
        Math.min(window.getHeight(), screen.height * 9 / 10));
    window.setLocationRelativeTo(null);
    window.setVisible(true);
    canvas.requestFocusInWindow();
  }

  private JPanel controls() {
    JButton undo = new JButton("Undo");
    undo.setFocusable(false);
    undo.addActionListener(event -> undo());
    JButton save = new JButton("Save");
    save.setFocusable(false);
    save.addActionListener(event -> save());
    slider.setFocusable(false);
    JPanel buttons = new JPanel();
    buttons.add(undo);
    buttons.add(save);
    JPanel panel = new JPanel(new BorderLayout(8, 0));
    panel.add(status, BorderLayout.WEST);
    panel.add(slider, BorderLayout.CENTER);
    panel.add(buttons, BorderLayout.EAST);
    panel.setBorder(javax.swing.BorderFactory.createEmptyBorder(4, 8, 4, 8));
    return panel;
  }

  private void bindKeys() {
    bind("control Z", this::undo);
    bind("control S", this::save);
    bind("RIGHT", () -> slider.setValue(slider.getValue() + 1));
    bind("LEFT", () -> slider.setValue(slider.getValue() - 1));
    bind("PAGE_DOWN", () -> slider.setValue(slider.getValue() + 10));
    bind("PAGE_UP", () -> slider.setValue(slider.getValue() - 10));
  }

  private void bind(String key, Runnable what) {
    Action action =
        new AbstractAction() {
          private static final long serialVersionUID = 1;

          @Override
          public void actionPerformed(java.awt.event.ActionEvent event) {
            what.run();
          }
        };
    canvas.getInputMap(JComponent.WHEN_IN_FOCUSED_WINDOW).put(KeyStroke.getKeyStroke(key), key);
    canvas.getActionMap().put(key, action);
  }

  /** Decodes in the background, so that the window stays alive, the newest wish only. */
  private void show(long frame) {
    wanted.set(frame);
    decoding.execute(
        () -> {
          if (wanted.get() != frame) {
            return;
          }
          try {
            BufferedImage picture = seeker.picture(frame);
            EventQueue.invokeLater(() -> arrived(frame, picture));
          } catch (MoteException e) {
            EventQueue.invokeLater(() -> status.setText(e.getMessage()));
          }
        });
  }

  private void arrived(long frame, BufferedImage picture) {
    if (wanted.get() == frame) {
      canvas.show(frame, picture);
      refresh();
    }
  }

  private void undo() {
    points.undo();
    refresh();
  }

  private void save() {
    try {
      savedPoints = points.save(file);
      refresh();
    } catch (MoteException e) {
      JOptionPane.showMessageDialog(window, e.getMessage(), "mote", JOptionPane.ERROR_MESSAGE);
    }
  }

  private void refresh() {
    status.setText(
        "frame %d of %d, %d points%s"
            .formatted(
                canvas.frame(),
                seeker.frames(),
                points.all().size(),
                points.isSaved() ? (savedPoints > 0 ? ", saved" : "") : ", not saved"));
    canvas.repaint();
  }

  private void leave() {
    if (!points.isSaved()) {
      int answer =
          JOptionPane.showConfirmDialog(
              window, "Save the points to " + file + "?", "mote", JOptionPane.YES_NO_CANCEL_OPTION);
      if (answer == JOptionPane.CANCEL_OPTION || answer == JOptionPane.CLOSED_OPTION) {
        return;
      }
      if (answer == JOptionPane.YES_OPTION) {
        save();
        if (!points.isSaved()) {
          return;
        }
      }
    }
    window.dispose();
    over.countDown();
  }
}
