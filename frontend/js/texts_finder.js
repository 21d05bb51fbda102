/** Sentences about finding the display: its outline on a picture, and the camera that helps. */

export const FINDER_TEXTS = {
  en: {
    find_again: "Find the digits",
    outline: "Outline of the digits",
    outline_role: "outline",
    outline_where: "{width} by {height} pixels, at {x}, {y}, turned by {degrees} degrees",
    outline_at: "at {x}, {y}",
    outline_help:
      "Arrow keys move the outline, Shift with arrow keys scales it, Alt makes the steps fine. The four corners follow, each moved by arrow keys.",
    outline_corner_0: "Corner before the first digit, above",
    outline_corner_1: "Corner behind the last digit, above",
    outline_corner_2: "Corner behind the last digit, below",
    outline_corner_3: "Corner before the first digit, below",
  },
  ru: {
    find_again: "Найти цифры",
    outline: "Контур вокруг цифр",
    outline_role: "контур",
    outline_where: "{width} на {height} пикселей, в точке {x}, {y}, повёрнут на {degrees} градусов",
    outline_at: "в точке {x}, {y}",
    outline_help:
      "Стрелки двигают контур, Shift со стрелками меняет размер, с Alt шаги мельче. Дальше — четыре угла, каждый двигается стрелками.",
    outline_corner_0: "Угол перед первой цифрой, сверху",
    outline_corner_1: "Угол за последней цифрой, сверху",
    outline_corner_2: "Угол за последней цифрой, снизу",
    outline_corner_3: "Угол перед первой цифрой, снизу",
  },
};
