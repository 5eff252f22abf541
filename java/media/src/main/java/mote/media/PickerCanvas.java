package mote.media;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.util.List;
import javax.swing.JComponent;
import javax.swing.SwingUtilities;
import mote.engine.track.Query;

/**
 * The picture of {@link PointPicker}, as large as the window allows, with the points on it: full
 * dots with their numbers on this frame, small rings for those of other frames.
 */
final class PickerCanvas extends JComponent {
  private static final long serialVersionUID = 1;
  private static final int LEAST_SIDE = 640;
  private static final float CATCH_RADIUS = 12;
  private static final float DOT_RADIUS = 5;

  private final transient PickedPoints points;
  private final transient Runnable onChange;
  private transient BufferedImage picture;
  private long frame;

  PickerCanvas(PickedPoints points, BufferedImage picture, Runnable onChange) {
    this.points = points;
    this.picture = picture;
    this.onChange = onChange;
    int longSide = Math.max(picture.getWidth(), picture.getHeight());
    int factor = Math.max(1, Math.ceilDiv(LEAST_SIDE, longSide));
    setPreferredSize(new Dimension(picture.getWidth() * factor, picture.getHeight() * factor));
    setFocusable(true);
    addMouseListener(
        new MouseAdapter() {
          @Override
          public void mousePressed(MouseEvent event) {
            pressed(event);
          }
        });
  }

  long frame() {
    return frame;
  }

  void show(long shownFrame, BufferedImage shownPicture) {
    frame = shownFrame;
    picture = shownPicture;
    repaint();
  }

  private void pressed(MouseEvent event) {
    double scale = scale();
    float x = (float) ((event.getX() - left()) / scale - 0.5);
    float y = (float) ((event.getY() - top()) / scale - 0.5);
    if (SwingUtilities.isRightMouseButton(event)) {
      points.removeNear(x, y, frame, (float) (CATCH_RADIUS / scale));
    } else if (SwingUtilities.isLeftMouseButton(event)) {
      points.add(x, y, frame);
    }
    onChange.run();
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
  protected void paintComponent(Graphics graphics) {
    Graphics2D g = (Graphics2D) graphics.create();
    try {
      g.setColor(new Color(0x1b1f24));
      g.fillRect(0, 0, getWidth(), getHeight());
      double scale = scale();
      boolean enlarged = scale >= 2;
      g.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION,
          enlarged
              ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
              : RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      AffineTransform place = AffineTransform.getTranslateInstance(left(), top());
      place.scale(scale, scale);
      g.drawImage(picture, place, null);
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 13));
      List<Query> all = points.all();
      for (int i = 0; i < all.size(); i++) {
        drawPoint(g, i, all.get(i));
      }
    } finally {
      g.dispose();
    }
  }

  private void drawPoint(Graphics2D g, int number, Query point) {
    boolean here = point.frame() == frame;
    double x = left() + (point.x() + 0.5) * scale();
    double y = top() + (point.y() + 0.5) * scale();
    double radius = here ? DOT_RADIUS : DOT_RADIUS * 0.7;
    Color colour = new Color(PointColours.of(number));
    double outer = radius + 1.5;
    g.setColor(new Color(16, 16, 16, here ? 210 : 110));
    g.fill(new Ellipse2D.Double(x - outer, y - outer, 2 * outer, 2 * outer));
    g.setColor(colour);
    if (!here) {
      g.draw(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
      return;
    }
    g.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    String text = Integer.toString(number);
    int textX = (int) (x + outer + 2);
    int textY = (int) (y - outer + 4);
    g.setColor(new Color(16, 16, 16));
    for (int dx = -1; dx <= 1; dx++) {
      for (int dy = -1; dy <= 1; dy++) {
        g.drawString(text, textX + dx, textY + dy);
      }
    }
    g.setColor(colour);
    g.drawString(text, textX, textY);
  }
}
