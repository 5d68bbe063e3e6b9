package org.dlaclab.kernel.eval;

import java.util.List;
import java.util.stream.Collectors;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.TypeParameterElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.ExecutableType;
import javax.lang.model.type.TypeMirror;

/** Elements of the language as a reader writes them: simple names of types, no annotations. */
final class Signature {
  private Signature() {}

  static String of(TypeMirror type) {
    return type.toString()
        .replace("REPL." + CellCompiler.CELLS + ".", "")
        .replace(CellCompiler.CELLS + ".", "")
        .replaceAll("@[\\w.]+(\\([^)]*\\))?\\s?", "")
        .replaceAll("(?<![\\w$])(?:[\\p{Ll}_][\\w$]*\\.)+(?=\\p{Lu})", "")
        .replaceAll(",(?=\\S)", ", ");
  }

  /**
   * Such as {@code (int begin, int end) String}.
   *
   * @param seen the method's type where it is called
   * @param names the parameters' names, if known
   */
  static String parameters(ExecutableElement method, ExecutableType seen, List<String> names) {
    StringBuilder text = new StringBuilder("(");
    List<? extends TypeMirror> types = seen.getParameterTypes();
    for (int i = 0; i < types.size(); i++) {
      text.append(i == 0 ? "" : ", ");
      boolean rest = method.isVarArgs() && i == types.size() - 1;
      text.append(
          rest && types.get(i) instanceof ArrayType array
              ? of(array.getComponentType()) + "..."
              : of(types.get(i)));
      if (i < names.size()) {
        text.append(' ').append(names.get(i));
      }
    }
    return text.append(')').toString();
  }

  /** The names of the parameters; none if the class file does not tell them. */
  static List<String> names(ExecutableElement method) {
    List<String> names =
        method.getParameters().stream().map(p -> p.getSimpleName().toString()).toList();
    return names.stream().allMatch(n -> n.matches("arg\\d+")) ? List.of() : names;
  }

  /** A declaration as in a source, without a body. */
  static String declaration(Element element, List<String> names) {
    String modifiers =
        element.getModifiers().stream()
            .filter(m -> m != Modifier.NATIVE && m != Modifier.SYNCHRONIZED)
            .filter(
                m ->
                    m != Modifier.ABSTRACT
                        || (!element.getKind().isInterface() && !inside(element)))
            .filter(m -> m != Modifier.STATIC || !element.getKind().isInterface())
            .map(m -> m + " ")
            .collect(Collectors.joining());
    return switch (element.getKind()) {
      case METHOD, CONSTRUCTOR -> modifiers + executable((ExecutableElement) element, names);
      case CLASS, INTERFACE, ENUM, RECORD, ANNOTATION_TYPE -> type((TypeElement) element);
      case ENUM_CONSTANT -> of(element.asType()) + " " + element.getSimpleName();
      case FIELD -> {
        Object constant = ((VariableElement) element).getConstantValue();
        yield modifiers
            + of(element.asType())
            + " "
            + element.getSimpleName()
            + (constant == null ? "" : " = " + literal(constant));
      }
      case PACKAGE -> "package " + element;
      case TYPE_PARAMETER -> parameter((TypeParameterElement) element);
      default -> of(element.asType()) + " " + element.getSimpleName();
    };
  }

  /** The simple name of what an element is declared in; empty if in nothing. */
  static String owner(Element element) {
    Element owner = element.getEnclosingElement();
    return owner == null ? "" : owner.getSimpleName().toString();
  }

  private static boolean inside(Element element) {
    return element.getEnclosingElement() != null
        && element.getEnclosingElement().getKind().isInterface();
  }

  private static String executable(ExecutableElement method, List<String> names) {
    String parameters = parameters(method, (ExecutableType) method.asType(), names);
    String variables = parameters(method.getTypeParameters());
    String thrown =
        method.getThrownTypes().isEmpty()
            ? ""
            : " throws "
                + method.getThrownTypes().stream()
                    .map(Signature::of)
                    .collect(Collectors.joining(", "));
    boolean constructor = method.getSimpleName().contentEquals("<init>");
    String head =
        constructor ? owner(method) : of(method.getReturnType()) + " " + method.getSimpleName();
    return (variables.isEmpty() ? "" : variables + " ") + head + parameters + thrown;
  }

  private static String type(TypeElement type) {
    String modifiers =
        type.getModifiers().stream()
            .filter(
                m ->
                    switch (type.getKind()) {
                      case INTERFACE, ANNOTATION_TYPE ->
                          m != Modifier.ABSTRACT && m != Modifier.STATIC;
                      case ENUM, RECORD -> m != Modifier.FINAL && m != Modifier.STATIC;
                      default -> true;
                    })
            .map(m -> m + " ")
            .collect(Collectors.joining());
    String word =
        switch (type.getKind()) {
          case INTERFACE -> "interface ";
          case ENUM -> "enum ";
          case RECORD -> "record ";
          case ANNOTATION_TYPE -> "@interface ";
          default -> "class ";
        };
    StringBuilder text = new StringBuilder(modifiers).append(word).append(qualified(type));
    text.append(parameters(type.getTypeParameters()));
    if (type.getKind() == ElementKind.RECORD) {
      text.append(
          type.getRecordComponents().stream()
              .map(c -> of(c.asType()) + " " + c.getSimpleName())
              .collect(Collectors.joining(", ", "(", ")")));
    }
    String superclass = of(type.getSuperclass());
    if (!List.of("none", "Object", "Record").contains(superclass)
        && !superclass.startsWith("Enum<")) {
      text.append(" extends ").append(superclass);
    }
    if (!type.getInterfaces().isEmpty() && type.getKind() != ElementKind.ANNOTATION_TYPE) {
      text.append(type.getKind().isInterface() ? " extends " : " implements ")
          .append(
              type.getInterfaces().stream().map(Signature::of).collect(Collectors.joining(", ")));
    }
    return text.toString();
  }

  static String qualified(TypeElement type) {
    return type.getQualifiedName().toString().replace("REPL." + CellCompiler.CELLS + ".", "");
  }

  private static String parameters(List<? extends TypeParameterElement> variables) {
    return variables.isEmpty()
        ? ""
        : variables.stream().map(Signature::parameter).collect(Collectors.joining(", ", "<", ">"));
  }

  private static String parameter(TypeParameterElement variable) {
    List<String> bounds =
        variable.getBounds().stream().map(Signature::of).filter(b -> !b.equals("Object")).toList();
    return variable.getSimpleName()
        + (bounds.isEmpty() ? "" : " extends " + String.join(" & ", bounds));
  }

  private static String literal(Object constant) {
    if (constant instanceof String text) {
      return '"' + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\"", "\\\"") + '"';
    }
    if (constant instanceof Character c) {
      return "'" + (c < ' ' || c > '~' ? String.format("\\u%04x", (int) c) : c.toString()) + "'";
    }
    return constant + (constant instanceof Long ? "L" : "");
  }
}
